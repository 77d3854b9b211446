/** By when a case must be taken up and closed, as agreed with its client. The same sums as the server's. */

/** Minutes by severity. */
export interface Agreement {
  acknowledge: Record<string, number>;
  resolve: Record<string, number>;
  /** From how much of the time on a case counts as near, in percent. */
  near: number;
}

export type Step = 'acknowledge' | 'resolve';
export type State = 'met' | 'missed' | 'running' | 'near' | 'breached';

/** Where a case stands with one step. Times in milliseconds. */
export interface Due {
  step: Step;
  near: number;
  due: number;
  state: State;
}

interface Timed {
  severity: string;
  created: string;
  acknowledged?: string | null | undefined;
  closed?: string | null | undefined;
}

const MINUTE_MS = 60_000;

/** Reads what the server says is agreed; `null` where nothing is. */
export function agreementOf(body: {
  acknowledge_minutes?: unknown;
  resolve_minutes?: unknown;
  near_percent?: number | undefined;
}): Agreement | null {
  const table = (value: unknown): Record<string, number> => {
    const entries = value && typeof value === 'object' ? Object.entries(value) : [];
    return Object.fromEntries(entries.filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
  };
  const [acknowledge, resolve] = [table(body.acknowledge_minutes), table(body.resolve_minutes)];
  if (Object.keys(acknowledge).length + Object.keys(resolve).length === 0) return null;
  return { acknowledge, resolve, near: body.near_percent ?? 80 };
}

/** Returns the steps that are agreed for a case. The clock runs from when it was opened; who closes a case has taken it up. */
export function steps(one: Timed, agreement: Agreement, now: number): Due[] {
  const created = Date.parse(one.created);
  const step = (name: Step, table: Record<string, number>, done: string | null | undefined): Due[] => {
    const minutes = table[one.severity];
    if (minutes === undefined) return [];
    const due = created + minutes * MINUTE_MS;
    const near = created + (minutes * MINUTE_MS * agreement.near) / 100;
    const at = done ? Date.parse(done) : null;
    const open: State = now > due ? 'breached' : now >= near ? 'near' : 'running';
    return [{ step: name, near, due, state: at === null ? open : at <= due ? 'met' : 'missed' }];
  };
  return [
    ...step('acknowledge', agreement.acknowledge, one.acknowledged ?? one.closed),
    ...step('resolve', agreement.resolve, one.closed),
  ];
}

/** Returns the step to show where there is room for one: what is late or due first, else what came last. */
export function urgent(all: readonly Due[]): Due | null {
  const open = all.filter((one) => ['running', 'near', 'breached'].includes(one.state));
  if (open.length > 0) return open.reduce((first, one) => (one.due < first.due ? one : first));
  return all.find((one) => one.state === 'missed') ?? all.at(-1) ?? null;
}

/** How many comparisons a condition takes at most; the server takes 256. */
const COMPARISONS_MAX = 200;

/**
 * Returns the condition that finds the cases of these clients that are late, or nearly, and `null` where nothing is agreed
 * or the condition would be too long.
 */
export function lateCondition(
  agreements: ReadonlyMap<string, Agreement | null>,
  wanted: 'breached' | 'near',
  now: number,
): string | null {
  let comparisons = 0;
  const parts: string[] = [];
  const time = (ms: number): string => `"${new Date(ms).toISOString()}"`;
  for (const [tenant, agreement] of agreements) {
    if (!agreement) continue;
    for (const [step, table] of [
      ['acknowledge', agreement.acknowledge],
      ['resolve', agreement.resolve],
    ] as const) {
      const undone = step === 'acknowledge' ? 'NOT acknowledged:* AND NOT status:closed' : 'NOT status:closed';
      for (const [severity, minutes] of Object.entries(table)) {
        const due = now - minutes * MINUTE_MS;
        const near = now - (minutes * MINUTE_MS * agreement.near) / 100;
        const when =
          wanted === 'breached' ? `created:<${time(due)}` : `created:<=${time(near)} AND created:>=${time(due)}`;
        parts.push(`(tenant:"${tenant}" AND severity:${severity} AND ${undone} AND ${when})`);
        comparisons += 6;
      }
    }
  }
  return parts.length === 0 || comparisons > COMPARISONS_MAX ? null : `(${parts.join(' OR ')})`;
}

/** Reads where the server says a case stands; what is not done yet goes on with the clock. */
export function standing(
  said: readonly { step: string; near: string; due: string; state: string }[],
  now: number,
): Due[] {
  return said.map((one) => {
    const [near, due] = [Date.parse(one.near), Date.parse(one.due)];
    const isDone = one.state === 'met' || one.state === 'missed';
    const state: State = isDone ? (one.state as State) : now > due ? 'breached' : now >= near ? 'near' : 'running';
    return { step: one.step === 'acknowledge' ? 'acknowledge' : 'resolve', near, due, state };
  });
}
