/** A new suppression, from the address and the form. */
import type { Schemas } from '../../api/client';

export const KINDS = [
  'ip',
  'user',
  'host',
  'domain',
  'url',
  'hash',
  'file',
  'process',
  'mail',
  'user_agent',
  'aws_key',
  'aws_account',
  'aws_instance',
  'aws_arn',
  'aws_bucket',
  'other',
] as const;
export type Kind = (typeof KINDS)[number];

/** A line of the form; `network` is a kind of its own there. */
export interface Line {
  kind: Kind | 'network';
  value: string;
}

/** Reads `kind:value` as links to the form write it; an address with `/` is a network. */
export function line(text: string): Line | null {
  const colon = text.indexOf(':');
  const kind = KINDS.find((known) => known === text.slice(0, colon));
  const value = text.slice(colon + 1).trim();
  if (!kind || !value) return null;
  return kind === 'ip' && value.includes('/') ? { kind: 'network', value } : { kind, value };
}

/** Returns the conditions that the lines ask for; empty lines ask for nothing. */
export function conditions(lines: readonly Line[]): Schemas['SuppressionCondition'][] {
  return lines
    .map((one) => ({ kind: one.kind, value: one.value.trim() }))
    .filter((one) => one.value !== '')
    .map((one) =>
      one.kind === 'network'
        ? { is: 'network' as const, network: one.value }
        : { is: 'value' as const, kind: one.kind, value: one.value },
    );
}

/** Returns the end of a day, so many days from now, as a date field has it. */
export function dayFrom(now: Date, days: number): string {
  const day = new Date(now.getTime() + days * 86_400_000);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

/** Returns the last second of a day of the viewer's zone, as the API takes it. */
export function endOf(day: string): string {
  return new Date(`${day}T23:59:59`).toISOString();
}
