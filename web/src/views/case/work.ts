/** What is done to a case from more than one place. */
import { api } from '../../api/client';
import { session } from '../../app/session.svelte';
import { attempt, done } from '../../app/toasts.svelte';
import { t } from '../../app/words.svelte';
import type { Case } from './file';
import { words } from './words';

export async function takeUp(one: Case, again: () => void): Promise<void> {
  await attempt(async () => {
    await api.post('/api/v1/cases/{id}/acknowledge', { path: { id: one.id }, body: { version: one.version } });
    done(t(words.tookUp));
  });
  again();
}

export async function assign(one: Case, assignee: string | null, again: () => void): Promise<void> {
  await attempt(async () => {
    await api.post('/api/v1/cases/{id}/assign', { path: { id: one.id }, body: { assignee, version: one.version } });
    done(t(words.assigned, { name: assignee ?? '–' }));
  });
  again();
}

export async function mergeAlerts(one: Case, alerts: string[], told: string, again: () => void): Promise<boolean> {
  const went = await attempt(async () => {
    await api.post('/api/v1/cases/{id}/alerts', { path: { id: one.id }, body: { alerts, version: one.version } });
    done(told);
  });
  again();
  return went;
}

export function me(): string {
  return session.me?.name ?? '';
}
