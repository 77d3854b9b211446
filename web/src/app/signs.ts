/** Hostile text made visible: what would hide, reverse or move text is shown as a sign. */

/** A piece of text, and whether it stands for a character that cannot be seen. */
export interface Piece {
  text: string;
  isSign: boolean;
}

// C0 and C1 controls but for tab and line feed; direction marks, overrides and isolates; zero-width characters; the
// byte order mark; line and paragraph separators; tags and variation selectors that hide text.
const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202f\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb]|[\u{e0000}-\u{e0fff}]/gu;

const NAMES: Record<string, string> = {
  '\u0000': 'NUL',
  '\u0007': 'BEL',
  '\u0008': 'BS',
  '\r': 'CR',
  '\u001b': 'ESC',
  '\u202a': 'LRE',
  '\u202b': 'RLE',
  '\u202c': 'PDF',
  '\u202d': 'LRO',
  '\u202e': 'RLO',
  '\u2066': 'LRI',
  '\u2067': 'RLI',
  '\u2068': 'FSI',
  '\u2069': 'PDI',
  '\u200b': 'ZWSP',
  '\ufeff': 'BOM',
};

/** How many signs of one text are elements of their own: a text of nothing else must not make a page slow. */
export const SIGNS_MAX = 1000;

function name(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return NAMES[character] ?? `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Returns the text in pieces; hidden characters are pieces of their own, named or by number: `RLO`, `U+200E`. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let from = 0;
  let signs = 0;
  for (const hit of text.matchAll(HIDDEN)) {
    if (signs === SIGNS_MAX) break;
    if (hit.index > from) found.push({ text: text.slice(from, hit.index), isSign: false });
    found.push({ text: name(hit[0]), isSign: true });
    signs += 1;
    from = hit.index + hit[0].length;
  }
  if (from < text.length) found.push({ text: plain(text.slice(from)), isSign: false });
  return found;
}

/** Returns the text with signs in brackets, `invoice[RLO]fdp.exe`: for where an element cannot stand, as in an option. */
export function plain(text: string): string {
  return text.replace(HIDDEN, (character) => `[${name(character)}]`);
}

/** Returns the beginning of a text, at most so many UTF-16 units long; a character is not cut in two. */
export function beginning(text: string, max: number): string {
  const isInside = /[\ud800-\udbff]/.test(text.charAt(max - 1)) && /[\udc00-\udfff]/.test(text.charAt(max));
  return text.slice(0, isInside ? max - 1 : max);
}

/** How long a word may be in one stretch: browsers take time by the square of it where they break one. */
export const STRETCH_MAX = 200;
/** A stretch of a word that goes on. */
const LONG = new RegExp(`\\S{${STRETCH_MAX}}(?=\\S)`, 'gu');

/** Returns the text in stretches between which a line may break, so that even its longest word is laid out at once. */
export function stretches(text: string): string[] {
  if (text.length <= STRETCH_MAX) return [text];
  const found: string[] = [];
  let from = 0;
  for (const hit of text.matchAll(LONG)) {
    const to = hit.index + hit[0].length;
    found.push(text.slice(from, to));
    from = to;
  }
  return [...found, text.slice(from)];
}
