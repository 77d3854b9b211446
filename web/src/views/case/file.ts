/** A case with all that is on it, as the server gives it. */
import type { Schemas } from '../../api/client';

export type CaseFile = Schemas['CaseFileBody'];
export type Case = Schemas['Case'];
export type Alert = Schemas['Alert'];
export type Task = Schemas['Task'];
export type Observable = Schemas['Observable'];
export type Action = Schemas['Action'];
export type Log = Schemas['TaskLog'];
export type Entry = Schemas['TimelineEntry'];

export const TABS = [
  'summary',
  'tasks',
  'observables',
  'timeline',
  'comments',
  'attachments',
  'actions',
  'similar',
  'graph',
  'history',
  'report',
] as const;
export type Tab = (typeof TABS)[number];

/** Whether a task is neither completed nor cancelled. */
export function isOpen(task: { status: string }): boolean {
  return task.status === 'waiting' || task.status === 'in_progress';
}

/** A value as one key among those of all kinds. */
export function keyOf(one: { kind: string; value: string }): string {
  return `${one.kind}:${one.value}`;
}

/** Returns the search over events that finds a value. */
export function huntFor(one: { kind: string; value: string }): string {
  const text = `"${one.value.replaceAll('"', '\\"')}"`;
  if (one.kind === 'ip') return one.value;
  if (one.kind === 'user') return `user:${text}`;
  return text;
}

/** Returns how many there are of each key. */
export function tally(keys: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** Returns the tasks by the group that they are shown in, in the order given. */
export function grouped(tasks: readonly Task[]): [group: string, tasks: Task[]][] {
  const found = new Map<string, Task[]>();
  for (const task of tasks) found.set(task.group ?? 'default', [...(found.get(task.group ?? 'default') ?? []), task]);
  return [...found];
}
