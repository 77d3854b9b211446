/** The time that is searched: a span reckoned from now, or from one moment to another. */

/** Spans to choose from, in milliseconds; `all` has no begin. */
export const SPANS = {
  '15m': 900_000,
  '1h': 3_600_000,
  '4h': 14_400_000,
  '24h': 86_400_000,
  '7d': 604_800_000,
  '30d': 2_592_000_000,
  '90d': 7_776_000_000,
} as const;
export type Span = keyof typeof SPANS;

export interface Time {
  /** As the server takes it; empty for no begin or no end. */
  from: string;
  until: string;
}

export const DEFAULT: Time = { from: 'now-24h', until: '' };

export function readTime(query: URLSearchParams): Time {
  const [from, until] = [query.get('from'), query.get('until')];
  if (from === null && until === null) return DEFAULT;
  return { from: from === 'all' ? '' : (from ?? ''), until: until ?? '' };
}

/** Returns which of the spans it is: `all`, or `own` for any other. */
export function spanOf(time: Time): Span | 'all' | 'own' {
  if (time.until !== '' && time.until !== 'now') return 'own';
  if (time.from === '') return 'all';
  const span = time.from.replace(/^now-/, '');
  return time.from.startsWith('now-') && Object.hasOwn(SPANS, span) ? (span as Span) : 'own';
}

const UNITS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** Returns a time in milliseconds, or `null` for what is more than `now` less something. */
export function resolve(text: string, now: number): number | null {
  if (text === '' || text === 'now') return now;
  const reckoned = /^now-(\d+)([smhdw])$/.exec(text);
  if (reckoned) return now - Number(reckoned[1]) * (UNITS[reckoned[2] ?? ''] ?? 0);
  const parsed = Date.parse(text);
  return Number.isNaN(parsed) ? null : parsed;
}

/** Returns the span before (-1) or after (1) this one, of the same length; `null` where it has no begin. */
export function shifted(time: Time, direction: 1 | -1, now: number): Time | null {
  if (time.from === '') return null;
  const [from, until] = [resolve(time.from, now), resolve(time.until, now)];
  if (from === null || until === null || until <= from) return null;
  const length = until - from;
  const moved = (moment: number): string => new Date(moment + direction * length).toISOString();
  return { from: moved(from), until: moved(until) };
}

/** Returns a moment as a field of the kind `datetime-local` takes it: in the viewer's zone, to the second. */
export function toField(moment: number): string {
  const zone = new Date(moment).getTimezoneOffset() * 60_000;
  return new Date(moment - zone).toISOString().slice(0, 19);
}

/** Returns what such a field holds as RFC 3339 in UTC; empty where it holds nothing. */
export function fromField(text: string): string {
  const parsed = text === '' ? Number.NaN : Date.parse(text);
  return Number.isNaN(parsed) ? '' : new Date(parsed).toISOString();
}
