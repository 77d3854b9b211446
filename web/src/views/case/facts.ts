/** What is to know of a case at a glance, out of all that is on it. */
import { TACTICS } from '../../ui/tactics';
import { keyOf, type CaseFile } from './file';

export interface Value {
  kind: string;
  value: string;
}

export interface Facts {
  /** Where it came from, who did it, what it touched: observables by the part that they played. */
  sources: Value[];
  actors: Value[];
  targets: Value[];
  /** ATT&CK, as the alerts' rules say: tactics in the order of an attack, techniques by their id. */
  tactics: string[];
  techniques: string[];
  findings: number;
  indicators: number;
  /** The seconds from the first event until the case was opened, taken up, closed; `null` where that is not yet. */
  detectS: number;
  acknowledgeS: number | null;
  resolveS: number | null;
}

export function factsOf(file: Pick<CaseFile, 'case' | 'alerts' | 'observables'>): Facts {
  const { case: one, alerts, observables } = file;
  const played = (role: string): Value[] => {
    const found = new Map<string, Value>();
    for (const observable of observables) {
      if (observable.role === role) found.set(keyOf(observable), observable);
    }
    return [...found.values()];
  };
  const attack = alerts.flatMap((alert) => alert.rule.attack ?? []);
  const named = (kind: string): string[] => [
    ...new Set(attack.filter((part) => part.kind === kind).map((part) => part.name)),
  ];
  const between = (from: string, until: string | null | undefined): number | null =>
    until ? Math.max(0, (Date.parse(until) - Date.parse(from)) / 1000) : null;
  const place = (tactic: string): number => {
    const index = TACTICS.findIndex((one) => one.id === tactic);
    return index < 0 ? TACTICS.length : index;
  };
  return {
    sources: played('source'),
    actors: played('actor'),
    targets: played('target'),
    tactics: named('tactic').sort((left, right) => place(left) - place(right) || left.localeCompare(right)),
    techniques: named('technique').sort(),
    findings: alerts.reduce((sum, alert) => sum + alert.count, 0),
    indicators: observables.filter((observable) => observable.ioc).length,
    detectS: between(one.first_seen, one.created) ?? 0,
    acknowledgeS: between(one.created, one.acknowledged),
    resolveS: between(one.created, one.closed),
  };
}
