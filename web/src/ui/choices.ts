/** Something that can be chosen in a filter. */
export interface Choice {
  value: string;
  label: string;
  count?: number;
}

/** Returns the choices whose label or value has the text, and those that are chosen but not among them. */
export function offered(choices: readonly Choice[], chosen: readonly string[], text: string): Choice[] {
  const wanted = text.trim().toLowerCase();
  const known = new Set(choices.map((choice) => choice.value));
  const others = chosen.filter((value) => !known.has(value)).map((value) => ({ value, label: value }));
  return [...others, ...choices].filter(
    (choice) =>
      wanted === '' || choice.label.toLowerCase().includes(wanted) || choice.value.toLowerCase().includes(wanted),
  );
}
