/** Which techniques of ATT&CK the rules look for, by tactic. */
import { tactics, techniques, type Row } from './book';

export interface Cell {
  /** The technique without its sub-technique: `T1110`. */
  readonly technique: string;
  rules: number;
  alerts: number;
}

export interface ColumnOfTactic {
  /** The tactic's id; empty for rules that name a technique without a tactic. */
  readonly tactic: string;
  readonly cells: Cell[];
  rules: number;
}

/** Returns a column for each tactic in the order given, then one for those that name none, if there are any. */
export function coverage(rows: readonly Row[], order: readonly string[]): ColumnOfTactic[] {
  const columns = new Map<string, Map<string, Cell>>(order.map((tactic) => [tactic, new Map<string, Cell>()]));
  const counts = new Map<string, number>();
  for (const row of rows) {
    const named = tactics(row.rule).filter((tactic) => columns.has(tactic) && tactic !== '');
    const whole = new Set(techniques(row.rule).map((technique) => technique.split('.')[0] ?? technique));
    for (const tactic of named.length > 0 ? named : whole.size > 0 ? [''] : []) {
      counts.set(tactic, (counts.get(tactic) ?? 0) + 1);
      const cells = columns.get(tactic) ?? new Map<string, Cell>();
      columns.set(tactic, cells);
      for (const technique of whole) {
        const cell = cells.get(technique) ?? { technique, rules: 0, alerts: 0 };
        cell.rules += 1;
        cell.alerts += row.hits?.alerts ?? 0;
        cells.set(technique, cell);
      }
    }
  }
  return [...columns].map(([tactic, cells]) => ({
    tactic,
    cells: [...cells.values()].sort(
      (left, right) =>
        right.alerts - left.alerts || right.rules - left.rules || left.technique.localeCompare(right.technique),
    ),
    rules: counts.get(tactic) ?? 0,
  }));
}

/** Returns how strongly a cell is coloured, 0 to 4: none without alerts, one more for each tenfold. */
export function heat(alerts: number): number {
  return alerts <= 0 ? 0 : Math.min(4, 1 + Math.floor(Math.log10(alerts)));
}
