/** Where to look further for a value. */
import { address } from '../../api/client';
import { compare } from '../alerts/filter';

/** The field of events that holds values of a kind; of other kinds the value is looked for as words. */
const FIELDS: Record<string, string> = { user: 'user', host: 'device', process: 'process.name', file: 'file.path' };

/** Returns the condition that finds events about a value. */
export function eventCondition(kind: string, value: string): string {
  if (kind === 'ip') return value;
  const field = FIELDS[kind];
  if (field !== undefined && !value.endsWith('\\')) return compare(field, value);
  return `"${value.replaceAll('"', ' ')}"`;
}

/** Returns the address that hunts for a value. */
export function huntFor(kind: string, value: string): string {
  return address('/hunt', {}, { q: eventCondition(kind, value) });
}

/** Returns the condition that finds alerts about a value. */
export function alertCondition(kind: string, value: string): string {
  return compare(kind, value);
}

/** Returns the address of the queue narrowed to a value, closed alerts included. */
export function alertsAbout(kind: string, value: string): string {
  return address('/alerts', {}, { status: 'any', q: alertCondition(kind, value) });
}

/** Returns the address if it may be followed: of the web, nothing that runs. */
export function safeLink(text: string): string | null {
  try {
    const url = new URL(text.trim());
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null;
  } catch {
    return null;
  }
}

/** Returns the page that explains a technique, or `null` where the name is none. */
export function techniquePage(name: string): string | null {
  const found = /^T(\d{4})(?:\.(\d{3}))?$/.exec(name);
  if (!found) return null;
  return `https://attack.mitre.org/techniques/T${found[1]}/${found[2] ? `${found[2]}/` : ''}`;
}
