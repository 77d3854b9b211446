/** Which events an alert rests on. */
import type { Schemas } from '../../api/client';

/** An event with the fields that made its finding match. */
export interface Rested {
  event: Schemas['EventRef'];
  matches: readonly Schemas['FieldMatch'][];
}

/** Returns the events of findings and the alert's own samples, each once, oldest first. */
export function eventsOf(
  alert: Pick<Schemas['Alert'], 'samples' | 'matches'>,
  findings: readonly Pick<Schemas['Finding'], 'events' | 'matches'>[],
): Rested[] {
  const known = new Map<string, Rested>();
  for (const finding of findings) {
    for (const event of finding.events) {
      if (!known.has(event.id)) known.set(event.id, { event, matches: finding.matches });
    }
  }
  for (const event of alert.samples) {
    if (!known.has(event.id)) known.set(event.id, { event, matches: alert.matches });
  }
  return [...known.values()].sort((left, right) => (left.event.time < right.event.time ? -1 : 1));
}
