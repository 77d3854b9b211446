/** The spans of time that the first page looks at. */
import { to } from '../../app/router.svelte';

export const RANGES = { '24h': 1, '7d': 7, '30d': 30, '90d': 90 } as const;
export type Range = keyof typeof RANGES;

export function readRange(text: string | null): Range {
  return text !== null && Object.hasOwn(RANGES, text) ? (text as Range) : '7d';
}

/** What the queue calls these spans; longer ones are said by their begin. */
const SINCE = new Set<string>(['24h', '7d', '30d']);

/** Returns the address of the queue with the alerts of a span, whatever became of them. */
export function alertsOf(range: Range, from: string, narrowed: Record<string, string> = {}): string {
  const span = SINCE.has(range) ? { since: range } : { from };
  return to('/alerts', { status: 'any', ...span, ...narrowed });
}

/** Puts a value into a parameter of the queue's address that takes several: a comma within it is escaped. */
export function one(value: string): string {
  return value.replace(/[\\,]/g, '\\$&');
}

const QUEUE_FIELDS = new Set(['ip', 'host', 'user']);

/** Returns the parameters of the queue that narrow to an entity. */
export function ofEntity(kind: string, value: string): Record<string, string> {
  if (QUEUE_FIELDS.has(kind)) return { [kind]: one(value) };
  // The language has no sign for a quote between quotes; a pattern has one for any character.
  return { q: value.includes('"') ? `entity:${value.replace(/["\s()]/g, '?')}` : `entity:"${value}"` };
}

/** Returns the end of an interval that begins here. */
export function after(start: string, seconds: number): string {
  return new Date(new Date(start).getTime() + seconds * 1000).toISOString();
}
