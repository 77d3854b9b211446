/** Many observables at once: pasted lines become the CSV that the server imports. */

export interface Pasted {
  kind: string;
  value: string;
}

/** How many lines are taken at once. */
export const LINES_MAX = 5_000;

/** Undoes what people do so that nobody follows a link by accident. */
export function refang(text: string): string {
  return text
    .replaceAll('[.]', '.')
    .replaceAll('(.)', '.')
    .replaceAll('[:]', ':')
    .replaceAll('[@]', '@')
    .replace(/^hxxp/i, 'http');
}

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$/;
const HASH = /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$/i;
const DOMAIN = /^(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,61}$/i;

/** Returns the kind that a value looks like; the reader may choose another. */
export function kindOf(value: string): string {
  if (/^https?:\/\//i.test(value)) return 'url';
  if (IPV4.test(value) || (/^[0-9a-f:.]+$/i.test(value) && value.split(':').length > 2)) return 'ip';
  if (/^arn:aws[a-z-]*:/.test(value)) return 'aws_arn';
  if (/^(?:AKIA|ASIA)[A-Z0-9]{12,}$/.test(value)) return 'aws_key';
  if (/^i-[0-9a-f]{8,17}$/.test(value)) return 'aws_instance';
  if (HASH.test(value)) return 'hash';
  if (/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(value)) return 'mail';
  if (DOMAIN.test(value)) return 'domain';
  return 'other';
}

/** Reads pasted text, one value a line or several with blanks, commas or semicolons between; each value once. */
export function readPasted(text: string): Pasted[] {
  const found = new Map<string, Pasted>();
  for (const line of text.split(/\r?\n/).slice(0, LINES_MAX)) {
    const whole = line.trim();
    // A URL may hold commas, and a path or a name blanks: what looks like one value is left whole.
    const parts = /^h(?:tt|xx)ps?:/i.test(whole) ? [whole] : whole.split(/[\s,;]+/);
    const read = parts.map((part) => refang(part.trim())).filter(Boolean);
    const isList = read.length > 1 && read.every((part) => kindOf(part) !== 'other');
    for (const value of isList ? read : [refang(whole)]) {
      if (value) found.set(value, { kind: kindOf(value), value });
    }
  }
  return [...found.values()];
}

function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Returns the CSV that `POST …/observables/csv` takes. */
export function csvOf(rows: readonly Pasted[], marks: { ioc: boolean; tags: readonly string[] }): string {
  const tags = marks.tags.join(';');
  const lines = rows.map((row) => [row.kind, row.value, tags, String(marks.ioc)].map(cell).join(','));
  return ['dataType,data,tags,ioc', ...lines, ''].join('\n');
}
