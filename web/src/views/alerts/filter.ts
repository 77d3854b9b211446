/** What the queue is narrowed to: read from the address, and said to the server as a condition. */

/** Fields that are compared with some values. The parameter of the address is called like the field. */
export const VALUED = ['rule', 'tag', 'source', 'host', 'user', 'ip'] as const;
export type Valued = (typeof VALUED)[number];

export const STATUSES = ['new', 'in_progress', 'closed'] as const;
export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'informational'] as const;
/** Spans of time to choose from, in seconds. */
export const SPANS: Record<string, number> = { '1h': 3600, '24h': 86_400, '7d': 604_800, '30d': 2_592_000 };
/** What the queue shows where nobody says: what is still to do. */
const OPEN: readonly string[] = ['new', 'in_progress'];

/** In the address: those that have no value of a field. */
export const NONE = '(none)';

export interface AlertFilter {
  /** A condition in the language of the lists. */
  q: string;
  status: readonly string[];
  severity: readonly string[];
  /** `me`, `nobody`, a name, or empty for any. */
  assignee: string;
  valued: Record<Valued, readonly string[]>;
  /** The last so long: a key of {@link SPANS}, or empty. */
  since: string;
  /** From and until, as RFC 3339; instead of `since`. */
  from: string;
  until: string;
}

/** Takes a list of values of the address apart: a comma within a value is written `\,`. */
export function split(text: string | null): string[] {
  if (!text) return [];
  const parts: string[] = [''];
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charAt(at);
    if (sign === '\\' && at + 1 < text.length) {
      at += 1;
      parts[parts.length - 1] += text.charAt(at);
    } else if (sign === ',') parts.push('');
    else parts[parts.length - 1] += sign;
  }
  return parts;
}

/** Puts values together for the address. */
export function join(values: readonly string[]): string {
  return values.map((value) => value.replace(/[\\,]/g, '\\$&')).join(',');
}

export function readFilter(query: URLSearchParams): AlertFilter {
  const status = query.get('status');
  const of = (name: Valued): string[] => split(query.get(name));
  const valued = {
    rule: of('rule'),
    tag: of('tag'),
    source: of('source'),
    host: of('host'),
    user: of('user'),
    ip: of('ip'),
  };
  return {
    q: query.get('q') ?? '',
    status: status === null ? OPEN : status === 'any' ? [] : split(status),
    severity: split(query.get('severity')),
    assignee: query.get('assignee') ?? '',
    valued,
    since: query.get('since') ?? '',
    from: query.get('from') ?? '',
    until: query.get('until') ?? '',
  };
}

/** Returns what the address says for these states: nothing for the usual ones. */
export function statusParameter(status: readonly string[]): string | null {
  if (status.length === 0 || status.length === STATUSES.length) return 'any';
  return status.length === OPEN.length && OPEN.every((one) => status.includes(one)) ? null : join(status);
}

/** Returns a comparison of a field with a value, whatever the value holds. */
export function compare(field: string, value: string): string {
  if (value === '' || value === NONE) return `NOT ${field}:*`;
  // The language has no way to write a quote between quotes; a pattern has a sign for any character.
  if (value.includes('"')) return `${field}:${value.replace(/["\s()]/g, '?')}`;
  return `${field}:"${value}"`;
}

function oneOf(field: string, values: readonly string[]): string[] {
  if (values.length === 0) return [];
  const each = values.map((value) => compare(field, value));
  return [each.length === 1 ? (each[0] ?? '') : `(${each.join(' OR ')})`];
}

/** Returns the condition that the server is asked with. `now` in milliseconds; the minute counts, so that pages agree. */
export function conditionOf(filter: AlertFilter, me: string, now: number): string {
  const parts: string[] = [];
  const own = filter.q.trim();
  if (own !== '') parts.push(/\bOR\b/.test(own) ? `(${own})` : own);
  parts.push(...oneOf('status', filter.status), ...oneOf('severity', filter.severity));
  if (filter.assignee === 'nobody') parts.push('NOT assignee:*');
  else if (filter.assignee !== '') parts.push(compare('assignee', filter.assignee === 'me' ? me : filter.assignee));
  for (const name of VALUED) parts.push(...oneOf(name, filter.valued[name]));
  const span = SPANS[filter.since];
  if (span !== undefined) {
    const minute = Math.floor(now / 60_000) * 60_000;
    parts.push(`created:>=${new Date(minute - span * 1000).toISOString()}`);
  } else {
    if (filter.from !== '') parts.push(`created:>=${filter.from}`);
    if (filter.until !== '') parts.push(`created:<${filter.until}`);
  }
  return parts.join(' AND ');
}

/** How alerts can be grouped, and which parameter narrows to one group. */
export const GROUPINGS = [
  'rule',
  'severity',
  'host',
  'user',
  'ip',
  'tag',
  'source',
  'assignee',
  'status',
  'tenant',
] as const;
export type Grouping = (typeof GROUPINGS)[number];

export function isGrouping(text: string): text is Grouping {
  return (GROUPINGS as readonly string[]).includes(text);
}

/** Returns what of the address changes to narrow the queue to a group; `null` where the address does not hold it. */
export function narrowing(by: Grouping, value: string): Record<string, string | null> | null {
  if (by === 'tenant') return null;
  if (by === 'assignee') return { group: null, assignee: value === '' ? 'nobody' : value };
  if (by === 'status') return { group: null, status: statusParameter([value]) };
  return { group: null, [by]: value === '' ? NONE : join([value]) };
}
