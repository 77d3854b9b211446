/** What may come next in a search: read from what stands before the caret. */

export interface Field {
  name: string;
  aliases: readonly string[];
  kind: string;
  countable: boolean;
  about: string;
}

/** What the caret is in: a word that may become a field or an operator, or the value of a field. */
export type Place =
  | { kind: 'word'; from: number; typed: string; mayJoin: boolean }
  | { kind: 'value'; from: number; typed: string; field: string; isOpen: boolean };

export interface Suggestion {
  /** What replaces the text from `from` to the caret. */
  text: string;
  from: number;
  /** What it means, small beside it. */
  note: string;
}

export function placeOf(query: string, caret: number): Place {
  const before = query.slice(0, caret);
  const value = /(?:^|[\s(!-])([A-Za-z@][\w.@]*):(?:"((?:[^"\\]|\\.)*)|([^\s()"]*))$/.exec(before);
  if (value) {
    const typed = value[2] ?? value[3] ?? '';
    const isOpen = value[2] !== undefined;
    return { kind: 'value', from: caret - typed.length - (isOpen ? 1 : 0), typed, field: value[1] ?? '', isOpen };
  }
  const typed = /[^\s()!"-][^\s()"]*$/.exec(before)?.[0] ?? '';
  const earlier = before.slice(0, before.length - typed.length).trimEnd();
  const mayJoin = earlier !== '' && !/(?:^|[\s(])(?:AND|OR|NOT|&&|\|\|)$/.test(earlier) && !/[(!-]$/.test(earlier);
  return { kind: 'word', from: caret - typed.length, typed, mayJoin };
}

const SHOWN_MAX = 12;

/** Returns the field of this name or alias. */
export function fieldOf(fields: readonly Field[], name: string): Field | undefined {
  const wanted = name.toLowerCase();
  return fields.find((field) => [field.name, ...field.aliases].some((known) => known.toLowerCase() === wanted));
}

/** Returns fields and joining words that begin or hold what was typed, the nearest first. */
export function words(fields: readonly Field[], place: Place & { kind: 'word' }): Suggestion[] {
  const typed = place.typed.toLowerCase();
  const rank = (field: Field): number => {
    if (field.name.startsWith(typed)) return 0;
    if (field.aliases.some((alias) => alias.toLowerCase().startsWith(typed))) return 1;
    return field.name.includes(typed) ? 2 : 9;
  };
  const joining = place.mayJoin
    ? ['AND', 'OR', 'NOT'].filter((word) => word.startsWith(place.typed.toUpperCase()))
    : ['NOT'].filter((word) => typed !== '' && word.startsWith(place.typed.toUpperCase()));
  const found = fields
    .map((field) => ({ field, rank: rank(field) }))
    .filter((one) => one.rank < 9)
    .sort((a, b) => a.rank - b.rank);
  const named = found.map(({ field }) => ({ text: `${field.name}:`, from: place.from, note: field.about }));
  const joined = joining.map((word) => ({ text: `${word} `, from: place.from, note: '' }));
  return (typed === '' && place.mayJoin ? [...joined, ...named] : [...named, ...joined]).slice(0, SHOWN_MAX);
}

const SEVERITIES = ['informational', 'low', 'medium', 'high', 'critical'];
const TIMES = ['>now-15m', '>now-1h', '>now-1d/d', 'now/d', '[now-7d/d TO now]'];

/** Returns values that need no question to the server. */
export function known(field: Field, place: Place & { kind: 'value' }): Suggestion[] {
  const list =
    field.kind === 'severity'
      ? [...SEVERITIES, '>=high', '>=medium']
      : field.kind === 'time'
        ? TIMES
        : field.kind === 'number'
          ? ['>=', '<=', '[1 TO 1023]']
          : place.typed === ''
            ? ['*']
            : [];
  const typed = place.typed.toLowerCase();
  return list
    .filter((value) => value.toLowerCase().startsWith(typed) && value !== place.typed)
    .map((text) => ({ text, from: place.from, note: '' }));
}

/** Returns the suggestions for values that the events have. `written` is how the language writes a value of the field. */
export function values(
  found: readonly { value: string; count: number }[],
  place: Place & { kind: 'value' },
  written: (value: string) => string,
  note: (count: number) => string,
): Suggestion[] {
  const typed = place.typed.toLowerCase();
  return found
    .filter((one) => one.value.toLowerCase().includes(typed) && one.value !== place.typed)
    .sort((a, b) => Number(b.value.toLowerCase().startsWith(typed)) - Number(a.value.toLowerCase().startsWith(typed)))
    .slice(0, SHOWN_MAX)
    .map((one) => ({ text: written(one.value), from: place.from, note: note(one.count) }));
}

/** Puts a suggestion in the place of what was typed; returns the new text and where the caret goes. */
export function take(query: string, caret: number, suggestion: Suggestion): { query: string; caret: number } {
  const isWhole = suggestion.text.endsWith(':') || suggestion.text.endsWith(' ') || /[<>]=?$/.test(suggestion.text);
  const text = isWhole ? suggestion.text : `${suggestion.text} `;
  const rest = query.slice(caret).replace(/^"/, '');
  const head = query.slice(0, suggestion.from) + text;
  return { query: head + (text.endsWith(' ') ? rest.trimStart() : rest), caret: head.length };
}
