/** The timeline: what the server computed, what people wrote, and what was done about tasks, in one order. */
import type { Case, Entry, Log, Task } from './file';

export type Kind = 'attack' | 'alert' | 'action' | 'case' | 'note' | 'task';
export const KINDS: readonly Kind[] = ['attack', 'alert', 'action', 'case', 'note', 'task'];

export interface Moment {
  id: string;
  time: string;
  kind: Kind;
  text: string;
  until?: string | null | undefined;
  description?: string | null | undefined;
  by?: string | null | undefined;
  /** For what is told in the reader's words. */
  event?: 'task_started' | 'task_completed' | 'task_cancelled';
}

export function storyOf(timeline: readonly Entry[], tasks: readonly Task[], logs: readonly Log[] = []): Moment[] {
  const moments: Moment[] = timeline.map((entry) => ({
    id: entry.id,
    time: entry.time,
    kind: entry.kind,
    text: entry.text,
    until: entry.until,
    description: entry.description,
    by: entry.stamp?.created_by,
  }));
  for (const log of logs) {
    const title = tasks.find((task) => task.id === log.task)?.title;
    moments.push({
      id: log.id,
      time: log.on_timeline ?? log.date,
      kind: 'task',
      text: log.text,
      description: title,
      by: log.created_by,
    });
  }
  for (const task of tasks) {
    const told = { kind: 'task' as const, text: task.title, by: task.assignee };
    if (task.started) moments.push({ ...told, id: `${task.id}-started`, time: task.started, event: 'task_started' });
    if (task.ended) {
      const event = task.status === 'cancelled' ? 'task_cancelled' : 'task_completed';
      moments.push({ ...told, id: `${task.id}-ended`, time: task.ended, event });
    }
  }
  return moments.sort(
    (left, right) =>
      left.time.localeCompare(right.time) || place(left) - place(right) || left.id.localeCompare(right.id),
  );
}

/** What begins and ends in one moment has begun first. */
function place(moment: Moment): number {
  return moment.event === 'task_completed' || moment.event === 'task_cancelled' ? 1 : 0;
}

/** Returns the moments by day, in the zone that `day` names days in. */
export function byDay(moments: readonly Moment[], day: (time: string) => string): [day: string, Moment[]][] {
  const days = new Map<string, Moment[]>();
  for (const moment of moments) {
    const name = day(moment.time);
    const known = days.get(name);
    if (known) known.push(moment);
    else days.set(name, [moment]);
  }
  return [...days];
}

/** The beginning of a case's life, for the line over its timeline: when what happened. */
export function landmarks(one: Case): { what: 'first' | 'opened' | 'acknowledged' | 'closed'; time: string }[] {
  const all = [
    { what: 'first' as const, time: one.first_seen },
    { what: 'opened' as const, time: one.created },
    { what: 'acknowledged' as const, time: one.acknowledged },
    { what: 'closed' as const, time: one.closed },
  ];
  return all.flatMap(({ what, time }) => (time ? [{ what, time }] : []));
}
