import type { Schemas } from '../../api/client';

type Alert = Schemas['Alert'];

/** Returns what is told of an alert where that is later than what is shown of it: messages may come late, and twice. */
export function newer<T extends Pick<Alert, 'version' | 'updated' | 'last_finding'>>(shown: T, told: T | undefined): T {
  if (!told || told.version < shown.version) return shown;
  if (told.version > shown.version) return told;
  // A finding that joins raises no version.
  return told.last_finding > shown.last_finding || told.updated > shown.updated ? told : shown;
}
