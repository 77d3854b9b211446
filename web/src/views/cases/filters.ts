/** How the list of cases is narrowed: what the address says, and the condition that the server is asked with. */

export interface Filters {
  /** Empty for what is not closed; `all`, or a status. */
  status: string;
  severities: string[];
  /** `me`, `nobody` or a name; empty for any. */
  assignee: string;
  tag: string;
  text: string;
  /** `breached`, `near`, or empty. */
  late: string;
}

export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'informational'] as const;
export const STATUSES = ['', 'open', 'in_progress', 'closed', 'all'] as const;
/** What the list is sorted by, as the server takes it. */
export const SORTS = [
  '-created',
  '-updated',
  '-severity',
  'severity',
  'created',
  'updated',
  'number',
  '-number',
] as const;

export function readFilters(query: URLSearchParams): Filters {
  const get = (name: string): string => query.get(name)?.trim() ?? '';
  const known = new Set<string>(SEVERITIES);
  return {
    status: get('status'),
    severities: get('severity')
      .split(',')
      .filter((one) => known.has(one)),
    assignee: get('assignee'),
    tag: get('tag'),
    text: get('q'),
    late: get('sla'),
  };
}

/** Returns a value as the condition language takes it, whatever is in it. */
export function quoted(value: string): string {
  return `"${value.replaceAll('"', '\\"')}"`;
}

/** Returns the condition for the list. `me` is the reader's name; `late` the condition for what is late, where one is wanted. */
export function conditionOf(filters: Filters, me: string, late: string | null): string {
  const parts: string[] = [];
  if (filters.status === '') parts.push('NOT status:closed');
  else if (filters.status !== 'all') parts.push(`status:${quoted(filters.status)}`);
  const severities = filters.severities.map((one) => `severity:${one}`);
  if (severities.length === 1) parts.push(...severities);
  if (severities.length > 1) parts.push(`(${severities.join(' OR ')})`);
  if (filters.assignee === 'nobody') parts.push('NOT assignee:*');
  else if (filters.assignee) parts.push(`assignee:${quoted(filters.assignee === 'me' ? me : filters.assignee)}`);
  if (filters.tag) parts.push(`tag:${quoted(filters.tag)}`);
  if (late) parts.push(late);
  const number = /^#?(\d{1,9})$/.exec(filters.text);
  if (number) parts.push(`number:${number[1]}`);
  else if (filters.text) parts.push(`(${filters.text})`);
  return parts.join(' AND ');
}

/** Returns whether anything but the usual is asked for. */
export function isNarrowed(filters: Filters): boolean {
  const { status, severities, assignee, tag, text, late } = filters;
  return Boolean(status || severities.length || assignee || tag || text || late);
}
