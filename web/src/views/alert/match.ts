/** What of an event made a rule match: fields by name, and values wherever they stand. */
import type { Schemas } from '../../api/client';

type Match = Schemas['FieldMatch'];

/** A piece of text, and whether it is a value that matched. */
export interface Piece {
  text: string;
  isHit: boolean;
}

/** How many hits in one text are marked: what comes after is shown unmarked. */
const HITS_MAX = 500;

/** Returns the values worth marking: a single sign would mark half the page. */
export function values(matches: readonly Match[]): string[] {
  return [...new Set(matches.map((match) => match.value).filter((value) => value.trim().length > 1))];
}

function isWord(sign: string | undefined): boolean {
  return sign !== undefined && /[\p{L}\p{N}_]/u.test(sign);
}

/** Returns the text in pieces, those that are one of the values marked. A value within a longer word is none. */
export function mark(text: string, wanted: readonly string[]): Piece[] {
  const found: [from: number, to: number][] = [];
  // Only ASCII is folded, so that places in the folded text are places in the text.
  const fold = (value: string): string => value.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const folded = fold(text);
  for (const value of wanted) {
    const needle = fold(value);
    for (let at = folded.indexOf(needle); at >= 0 && found.length < HITS_MAX; at = folded.indexOf(needle, at + 1)) {
      const to = at + needle.length;
      const startsInside = isWord(needle[0]) && isWord(folded[at - 1]);
      const endsInside = isWord(needle.at(-1)) && isWord(folded[to]);
      if (!startsInside && !endsInside) found.push([at, to]);
    }
  }
  found.sort((left, right) => left[0] - right[0] || right[1] - left[1]);
  const pieces: Piece[] = [];
  let from = 0;
  for (const [start, end] of found) {
    if (start < from) continue;
    if (start > from) pieces.push({ text: text.slice(from, start), isHit: false });
    pieces.push({ text: text.slice(start, end), isHit: true });
    from = end;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), isHit: false });
  return pieces;
}

/** A field of an event by its path, as text. */
export interface FieldValue {
  path: string;
  value: string;
}

/** How many fields of an event are shown, and how deep. */
const FIELDS_MAX = 300;
const DEPTH_MAX = 12;

/** Returns an object's fields by their paths; what is empty is left out. */
export function flatten(value: unknown, path = '', depth = 0, into: FieldValue[] = []): FieldValue[] {
  if (value === null || value === undefined || value === '' || into.length >= FIELDS_MAX) return into;
  if (typeof value !== 'object') into.push({ path, value: String(value) });
  else if (depth > DEPTH_MAX) into.push({ path, value: '…' });
  else if (Array.isArray(value) && value.every((one) => typeof one !== 'object')) {
    if (value.length > 0) into.push({ path, value: value.join(', ') });
  } else {
    for (const [name, inner] of Object.entries(value)) {
      flatten(inner, path === '' ? name : `${path}.${name}`, depth + 1, into);
    }
  }
  return into;
}

/** Returns whether a field is one that matched: by its name in either spelling, or by its value. */
export function isMatched(field: FieldValue, matches: readonly Match[]): boolean {
  const spelling = (name: string): string => name.replaceAll('_', '.').toLowerCase();
  return matches.some(
    (match) =>
      match.value.toLowerCase() === field.value.toLowerCase() &&
      (match.value.length > 1 || spelling(match.field) === spelling(field.path)),
  );
}

/** Returns a native document for reading: JSON is laid out, anything else is as it came. */
export function layOut(native: string): string {
  if (!/^\s*[{[]/.test(native)) return native;
  try {
    return JSON.stringify(JSON.parse(native), null, 2);
  } catch {
    return native;
  }
}
