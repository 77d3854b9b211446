/** Returns the condition for open cases of this number, or with these words in their titles or texts. */
export function caseCondition(typed: string): string {
  const open = 'NOT status:closed';
  const text = typed.trim();
  const number = /^#?(\d{1,15})$/.exec(text)?.[1];
  if (number !== undefined) return `${open} AND number:${number}`;
  // Each word as one, so that none is an operator; the index of words completes none by itself.
  const words = text.split(/\s+/).map((word) => word.replaceAll('"', ''));
  return [open, ...words.filter((word) => word !== '').map((word) => `"${word}"`)].join(' AND ');
}
