/** What a row of the queue says of an alert. */
import type { Alert } from './change.svelte';

type Entity = Alert['entities'][number];

const ROLES = ['source', 'actor', 'target', 'related'];
const KINDS = ['ip', 'user', 'host', 'aws_key', 'aws_instance', 'domain', 'url', 'hash', 'file', 'process'];

function rank(order: readonly string[], value: string): number {
  const place = order.indexOf(value);
  return place < 0 ? order.length : place;
}

/** Returns what an alert is about, who acts first and what says most first. */
export function chief(entities: readonly Entity[]): Entity[] {
  return [...entities].sort(
    (left, right) =>
      rank(ROLES, left.role) - rank(ROLES, right.role) || rank(KINDS, left.kind) - rank(KINDS, right.kind),
  );
}

/** Returns where an alert comes from: the program that sent it, or the source of its events. */
export function sourceOf(alert: Pick<Alert, 'origin' | 'samples'>): string {
  return alert.origin?.source ?? alert.samples[0]?.source ?? '';
}
