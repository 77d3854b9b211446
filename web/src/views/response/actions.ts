/** What can be done with an action in its state. */
import type { Schemas } from '../../api/client';

export type Action = Schemas['Action'];
export type Verb = 'approve' | 'reject' | 'run' | 'undo';

/** Returns what an analyst can do with an action, the likeliest first. */
export function verbs(action: Pick<Action, 'status'>): Verb[] {
  switch (action.status) {
    case 'awaiting_approval':
      return ['approve', 'reject'];
    case 'planned':
    case 'approved':
      return ['reject'];
    case 'failed':
      return ['run'];
    case 'done':
      return ['undo'];
    default:
      return [];
  }
}

/** Returns the seconds that a decision still holds; `null` where it has no end. */
export function secondsLeft(expires: string | null | undefined, now: number): number | null {
  return expires ? Math.max(0, (new Date(expires).getTime() - now) / 1000) : null;
}

/** Returns what an action or decision is aimed at: `ip 203.0.113.7`. */
export function targetOf(object: { target?: Schemas['Entity'] | null }): string {
  return object.target ? `${object.target.kind} ${object.target.value}` : '';
}
