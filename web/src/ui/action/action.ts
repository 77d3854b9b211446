/** What can be done with an action in its state, decided here for every view that shows one. */
import type { Schemas } from '../../api/client';

export type Action = Schemas['Action'];
export type Verb = 'approve' | 'reject' | 'run' | 'undo';

/**
 * Returns what an analyst can do with an action, the likeliest first: what the server's `respond::transition` allows.
 * In a dry run the server runs nothing again.
 */
export function verbs(
  action: Pick<Action, 'status' | 'target' | 'expires_after_s'>,
  mode: Schemas['RespondMode'],
): Verb[] {
  switch (action.status) {
    case 'planned':
    case 'awaiting_approval':
      return ['approve', 'reject'];
    case 'approved':
      return ['reject'];
    case 'failed':
      return mode === 'dry_run' ? ['reject'] : ['run', 'reject'];
    case 'done':
      return holds(action) ? ['undo'] : [];
    case 'refused':
    case 'rejected':
    case 'simulated':
    case 'executing':
    case 'undone':
    case 'expired':
      return [];
  }
}

/** Whether something is in force once it is done. A message has no target and is over when sent. */
function holds(action: Pick<Action, 'target' | 'expires_after_s'>): boolean {
  return typeof action.expires_after_s === 'number' || Boolean(action.target);
}

/** Returns the actions with those that wait for a decision first, then the newest. */
export function byUrgency(actions: readonly Action[]): Action[] {
  return [...actions].sort(
    (left, right) =>
      Number(right.status === 'awaiting_approval') - Number(left.status === 'awaiting_approval') ||
      right.created.localeCompare(left.created) ||
      left.id.localeCompare(right.id),
  );
}

/** Returns the parameters as text, by name. */
export function parametersOf(action: { parameters: object }): [name: string, value: string][] {
  return Object.entries(action.parameters).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
}

/** Returns the seconds that a decision still holds; `null` where it has no end. */
export function secondsLeft(expires: string | null | undefined, now: number): number | null {
  return expires ? Math.max(0, (new Date(expires).getTime() - now) / 1000) : null;
}

/** Returns what an action or decision is aimed at: `ip 203.0.113.7`. */
export function targetOf(object: { target?: Schemas['Entity'] | null }): string {
  return object.target ? `${object.target.kind} ${object.target.value}` : '';
}
