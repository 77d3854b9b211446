/** What makes a rule fire, in words. */
import type { Phrase } from '../../app/words.svelte';
import { documents, type Value } from './read';
import { words } from './words';

/** One thing that a selection asks for. */
export interface Ask {
  /** The field; empty for words anywhere in the event. */
  readonly field: string;
  readonly how: Phrase;
  readonly values: readonly string[];
}

/** A named part of the condition: groups of asks, of which one must hold; of a group every ask. */
export interface Selection {
  readonly name: string;
  readonly groups: readonly (readonly Ask[])[];
}

export interface Explanation {
  readonly title: string;
  readonly condition: string;
  readonly selections: readonly Selection[];
}

const ORDERS: Record<string, Phrase> = { lt: words.lt, lte: words.lte, gt: words.gt, gte: words.gte };
const PLACES: Record<string, Phrase> = {
  contains: words.contains,
  startswith: words.startsWith,
  endswith: words.endsWith,
  re: words.regex,
  cidr: words.network,
};

function texts(value: Value): string[] {
  const all = Array.isArray(value) ? value : [value];
  return all.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
}

function how(modifiers: readonly string[], values: readonly string[]): Phrase {
  if (modifiers.includes('exists')) return values[0] === 'false' ? words.absent : words.exists;
  for (const modifier of modifiers) {
    const order = ORDERS[modifier];
    if (order) return order;
    if (modifier === 'contains' && modifiers.includes('all')) return words.containsAll;
    const place = PLACES[modifier];
    if (place) return place;
  }
  return values.length > 1 ? words.isAny : words.is;
}

function asks(mapping: { [key: string]: Value }): Ask[] {
  return Object.entries(mapping).map(([key, value]) => {
    const [field = '', ...modifiers] = key.split('|');
    const values = texts(value);
    const phrase = field === '' && !modifiers.includes('re') ? words.anywhere : how(modifiers, values);
    return { field, how: phrase, values: modifiers.includes('exists') ? [] : values };
  });
}

function groups(value: Value): Ask[][] {
  if (typeof value === 'string') return [[{ field: '', how: words.anywhere, values: [value] }]];
  if (!Array.isArray(value)) return [asks(value)];
  const plain = value.filter((one) => typeof one === 'string');
  const found = plain.length > 0 ? [[{ field: '', how: words.anywhere, values: plain }]] : [];
  return [...found, ...value.flatMap((one) => (typeof one === 'string' ? [] : groups(one)))];
}

/** Returns what the rules of a file ask for; nothing where the file is written in a way that is not understood. */
export function explain(yaml: string): Explanation[] {
  return (documents(yaml) ?? []).flatMap((document) => {
    const detection = document['detection'];
    if (detection === undefined || typeof detection === 'string' || Array.isArray(detection)) return [];
    const condition = detection['condition'] ?? '';
    const named = Object.entries(detection).filter(([name]) => name !== 'condition' && name !== 'timeframe');
    return [
      {
        title: typeof document['title'] === 'string' ? document['title'] : '',
        condition: texts(condition).join(' | '),
        selections: named.map(([name, value]) => ({ name, groups: groups(value) })),
      },
    ];
  });
}
