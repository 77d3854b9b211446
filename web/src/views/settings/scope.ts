import type { Schemas } from '../../api/client';

/** Returns a scope in a few words, by the names of the clients. */
export function inWords(scope: Schemas['TenantScope'], all: string, nameOf: (id: string) => string): string {
  return scope === 'all' ? all : scope.only.map(nameOf).join(', ');
}
