/** What to do next on a case: the few things that wait for somebody, the most pressing first. */
import type { Due } from '../cases/agreement';
import { isOpen, type CaseFile, type Tab } from './file';

export type Advice =
  | 'late'
  | 'approve'
  | 'takeUp'
  | 'assign'
  | 'failed'
  | 'overdue'
  | 'mandatory'
  | 'tasks'
  | 'merge'
  | 'indicators'
  | 'close'
  | 'nothing';

export interface Step {
  what: Advice;
  n: number;
  /** Where to do it; on this page where it is not said. */
  tab?: Tab;
}

export function nextSteps(
  file: Pick<CaseFile, 'case' | 'tasks' | 'actions' | 'observables'>,
  more: { due: Due | null; alertsAlike: number; now: number },
): Step[] {
  const { case: one, tasks, actions, observables } = file;
  if (one.status === 'closed') return [{ what: 'nothing', n: 0 }];
  const steps: Step[] = [];
  const add = (what: Advice, n: number, tab?: Tab): void => {
    if (n > 0) steps.push(tab ? { what, n, tab } : { what, n });
  };
  const waiting = tasks.filter(isOpen);
  const overdue = waiting.filter((task) => task.due && Date.parse(task.due) < more.now);
  add('late', more.due?.state === 'breached' || more.due?.state === 'near' ? 1 : 0);
  add('approve', actions.filter((action) => action.status === 'awaiting_approval').length, 'actions');
  add('takeUp', one.acknowledged ? 0 : 1);
  add('assign', one.acknowledged && !one.assignee ? 1 : 0);
  add('failed', actions.filter((action) => action.status === 'failed').length, 'actions');
  add('overdue', overdue.length, 'tasks');
  add('mandatory', waiting.filter((task) => task.mandatory && !overdue.includes(task)).length, 'tasks');
  add('merge', more.alertsAlike, 'similar');
  add('tasks', waiting.filter((task) => !task.mandatory && !overdue.includes(task)).length, 'tasks');
  add('indicators', observables.length > 0 && !observables.some((observable) => observable.ioc) ? 1 : 0, 'observables');
  add('close', waiting.length === 0 ? 1 : 0);
  return steps;
}
