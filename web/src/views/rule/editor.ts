/** What the editor works on. */
import type { Schemas } from '../../api/client';

export type Tests = Schemas['RuleTests'];
export type Test = Schemas['RuleTest'];
export type Diagnostic = Schemas['Diagnostic'];
export type Trial = Schemas['TrialBody'];

/** The text, tests and name that an editor begins with. */
export interface Beginning {
  readonly yaml: string;
  readonly tests: Tests;
  /** The name that the rule is kept under; `null` for a new one. */
  readonly name: string | null;
  readonly suggested?: string;
  readonly learnt?: { readonly found: number; readonly others: number };
}

/** Returns where a line and character of a text begin, for the text field's cursor. Lines and characters count from 1. */
export function place(text: string, line: number, column: number): number {
  const lines = text.split('\n');
  const before = lines.slice(0, Math.max(0, line - 1)).reduce((length, one) => length + one.length + 1, 0);
  const wanted = [...(lines[line - 1] ?? '')].slice(0, Math.max(0, column - 1)).join('').length;
  return Math.min(text.length, before + wanted);
}

/** Returns the title of the first rule of a text. */
export function titleOf(yaml: string): string {
  const found = /^title:[ \t]*(\S.*)$/m.exec(yaml)?.[1]?.trim() ?? '';
  return found.replace(/^(['"])(.*)\1$/, '$2');
}
