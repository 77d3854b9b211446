/** What of an event stands in which column: by the names that searches use. */
import type { Schemas } from '../../api/client';

export type Event = Schemas['EventBody'];

type Get = (event: Event) => string | number | null | undefined;

const GET: Record<string, Get> = {
  time: (event) => event.time,
  arrival: (event) => event.arrival,
  id: (event) => event.id,
  tenant: (event) => event.tenant,
  source: (event) => event.source,
  class: (event) => event.envelope.class,
  activity: (event) => event.envelope.activity,
  outcome: (event) => event.envelope.outcome,
  severity: (event) => event.envelope.severity,
  product: (event) => event.envelope.logsource.product,
  category: (event) => event.envelope.logsource.category,
  service: (event) => event.envelope.logsource.service,
  user: (event) => event.envelope.user,
  'src.ip': (event) => event.envelope.src.ip,
  'src.port': (event) => event.envelope.src.port,
  'src.host': (event) => event.envelope.src.host,
  'dst.ip': (event) => event.envelope.dst.ip,
  'dst.port': (event) => event.envelope.dst.port,
  'dst.host': (event) => event.envelope.dst.host,
  device: (event) => event.envelope.device,
  'process.name': (event) => event.envelope.process.name,
  'process.path': (event) => event.envelope.process.path,
  'process.pid': (event) => event.envelope.process.pid,
  'process.command_line': (event) => event.envelope.process.command_line,
  'process.parent': (event) => event.envelope.process.parent,
  'file.path': (event) => event.envelope.file.path,
  'file.hash': (event) => (event.envelope.file.hashes ?? []).join(' '),
  url: (event) => event.envelope.url,
  domain: (event) => event.envelope.domain,
  'cloud.provider': (event) => event.envelope.cloud.provider,
  'cloud.account': (event) => event.envelope.cloud.account,
  'cloud.region': (event) => event.envelope.cloud.region,
  message: (event) => event.envelope.message,
};

export const COLUMNS = Object.keys(GET);
export const DEFAULT_COLUMNS = ['time', 'source', 'user', 'src.ip', 'message'] as const;
const COLUMNS_MAX = 20;

/** Returns the columns that the address names, those that there are. */
export function readColumns(text: string | null): string[] {
  const named = (text ?? '')
    .split(',')
    .filter((name, index, all) => Object.hasOwn(GET, name) && all.indexOf(name) === index);
  return named.length > 0 ? named.slice(0, COLUMNS_MAX) : [...DEFAULT_COLUMNS];
}

/** Returns what the address says for these columns: nothing for the usual ones. */
export function columnsParameter(columns: readonly string[]): string | null {
  return columns.length === 0 || columns.join() === DEFAULT_COLUMNS.join() ? null : columns.join(',');
}

export function toggled(columns: readonly string[], name: string): string[] {
  return columns.includes(name) ? columns.filter((column) => column !== name) : [...columns, name];
}

/** Returns what an event has in a field; empty where it has nothing. */
export function valueOf(event: Event, field: string): string {
  const value = Object.hasOwn(GET, field) ? GET[field]?.(event) : null;
  return value === null || value === undefined ? '' : String(value);
}

/** Returns all fields of an event that have a value. */
export function fieldsOf(event: Event): { field: string; value: string }[] {
  return COLUMNS.map((field) => ({ field, value: valueOf(event, field) })).filter((one) => one.value !== '');
}

/** Fields whose values make no condition: times and texts are searched by other means. */
export function canPivot(field: string): boolean {
  return !['time', 'arrival', 'message', 'file.hash'].includes(field);
}

/** Returns a native document laid out where it is JSON, and whether it is. Too long ones are left as they are. */
export function laidOut(native: string): { text: string; isJson: boolean } {
  const start = native.trimStart().charAt(0);
  if ((start === '{' || start === '[') && native.length <= 1_000_000) {
    try {
      return { text: JSON.stringify(JSON.parse(native), null, 2), isJson: true };
    } catch {
      // It only begins like JSON.
    }
  }
  return { text: native, isJson: false };
}
