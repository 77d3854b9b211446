/** The rules with what they brought, narrowed and sorted. */
import type { Schemas } from '../../api/client';

export type Rule = Schemas['KnownRule'];
export type Hits = Schemas['RuleHitsBody'];

export interface Row {
  readonly rule: Rule;
  readonly hits: Hits | null;
  /** Share of the alerts that were closed as false positive or harmless; `null` without alerts. */
  readonly noise: number | null;
}

/** How the list is narrowed; the empty text is no condition. */
export interface Narrowing {
  readonly text: string;
  readonly level: string;
  readonly tactic: string;
  readonly technique: string;
  readonly from: string;
  readonly behaviour: string;
}

export type Column = 'title' | 'level' | 'hits' | 'open' | 'noise' | 'last';
export const COLUMNS: readonly Column[] = ['title', 'level', 'hits', 'open', 'noise', 'last'];

/** A rule is noisy from so many alerts on, of which at least this share was closed as noise. */
const NOISY_ALERTS = 3;
const NOISY_SHARE = 0.5;
const LEVELS = ['informational', 'low', 'medium', 'high', 'critical'];

export function join(rules: readonly Rule[], hits: readonly Hits[]): Row[] {
  const known = new Map(hits.map((one) => [one.rule, one]));
  return rules.map((rule) => {
    const found = known.get(rule.id) ?? null;
    const noise = found && found.alerts > 0 ? (found.false_positive + found.benign) / found.alerts : null;
    return { rule, hits: found, noise };
  });
}

export function tactics(rule: Rule): string[] {
  return (rule.attack ?? []).filter((tag) => tag.kind === 'tactic').map((tag) => tag.name);
}

export function techniques(rule: Rule): string[] {
  return (rule.attack ?? []).filter((tag) => tag.kind === 'technique').map((tag) => tag.name);
}

export function isNoisy(row: Row): boolean {
  return (row.hits?.alerts ?? 0) >= NOISY_ALERTS && (row.noise ?? 0) >= NOISY_SHARE;
}

/** Returns the logsource as one short text: `linux/sshd`. */
export function logsource(rule: Rule): string {
  const texts = rule.logsources.map((one) =>
    [one.product, one.category, one.service].filter((part) => part !== null && part !== undefined).join('/'),
  );
  return [...new Set(texts)].join(', ');
}

function behaves(row: Row, behaviour: string): boolean {
  if (behaviour === 'noisy') return isNoisy(row);
  // What only feeds a correlation never raises an alert by itself, and is not to be called silent.
  if (behaviour === 'silent') return row.hits === null && !row.rule.silent;
  if (behaviour === 'active') return row.hits !== null;
  return true;
}

/** Returns the rows that fit, in their order. Every word of the text must be somewhere. */
export function narrow(rows: readonly Row[], by: Narrowing): Row[] {
  const wanted = by.text.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => {
    const { rule } = row;
    if (by.level && rule.level !== by.level) return false;
    if (by.from && rule.from !== by.from) return false;
    if (by.tactic && !tactics(rule).includes(by.tactic)) return false;
    if (by.technique && !techniques(rule).some((one) => one === by.technique || one.startsWith(`${by.technique}.`)))
      return false;
    if (!behaves(row, by.behaviour)) return false;
    if (wanted.length === 0) return true;
    const text = [rule.title, rule.id, rule.description ?? '', (rule.tags ?? []).join(' '), logsource(rule)]
      .join('\n')
      .toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

const AMOUNTS: Record<Exclude<Column, 'title'>, (row: Row) => number> = {
  level: (row) => LEVELS.indexOf(row.rule.level),
  hits: (row) => row.hits?.alerts ?? 0,
  open: (row) => row.hits?.open ?? 0,
  noise: (row) => row.noise ?? -1,
  last: (row) => (row.hits ? Date.parse(row.hits.last_seen) : 0),
};

/** Returns the rows by a column: titles from A, figures from the greatest. Ties go by title. */
export function sorted(rows: readonly Row[], column: Column): Row[] {
  const byTitle = (left: Row, right: Row) => left.rule.title.localeCompare(right.rule.title);
  if (column === 'title') return [...rows].sort(byTitle);
  const amount = AMOUNTS[column];
  return [...rows].sort((left, right) => amount(right) - amount(left) || byTitle(left, right));
}
