/** What happens to the queue while it is read: rows change where they are, new ones wait behind a pill. */
import { api } from '../../api/client';
import { listen } from '../../app/live.svelte';
import { session } from '../../app/session.svelte';
import type { Pages } from '../../ui/pages.svelte';
import type { Alert } from './change.svelte';
import { newer } from './newer';

/** Changes are put on the page together, so often at most: a flood of alerts is some updates a second. */
const BATCH_MS = 250;
/** New alerts are counted by the server, which alone knows the condition, so often at most. */
const COUNT_MS = 1500;

export interface Fresh {
  /** How many alerts arrived that the list does not show. */
  readonly count: number;
  forget: () => void;
}

/** Follows the server. Call it while a component is set up. `condition` is what the list is asked with. */
export function followQueue(list: Pages<Alert>, condition: () => string): Fresh {
  let count = $state(0);
  let newest = '';
  let earliest = '';
  // Not shown.
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  const waiting = new Map<string, Alert>();
  let batch: ReturnType<typeof setTimeout> | null = null;
  let counting: ReturnType<typeof setTimeout> | null = null;

  function forget(): void {
    count = 0;
    earliest = '';
  }

  // A list that was read again shows all that there is.
  const asked = $derived(condition());
  $effect(() => {
    void asked;
    forget();
  });
  $effect(() => {
    for (const row of list.rows) if (row.created > newest) newest = row.created;
  });

  function apply(): void {
    batch = null;
    if (list.rows.some((row) => newer(row, waiting.get(row.id)) !== row)) {
      list.change((row) => newer(row, waiting.get(row.id)));
    }
    // eslint-disable-next-line svelte/prefer-svelte-reactivity
    const shown = new Set(list.rows.map((row) => row.id));
    for (const alert of waiting.values()) {
      if (shown.has(alert.id) || alert.created <= newest) continue;
      if (earliest === '' || alert.created < earliest) earliest = alert.created;
    }
    waiting.clear();
    if (earliest !== '') counting ??= setTimeout(() => void ask(), COUNT_MS);
  }

  async function ask(): Promise<void> {
    counting = null;
    const since = earliest;
    if (since === '') return;
    const q = [condition(), `created:>=${since}`].filter((part) => part !== '').join(' AND ');
    try {
      const page = await api.get('/api/v1/alerts', { query: { q, limit: 1, ...session.scope } });
      if (since === earliest) count = page.total;
    } catch {
      // The next alert asks again; what is shown stays right meanwhile.
    }
  }

  $effect(() => {
    const ends = [
      listen('alert', (data) => {
        const alert = data as Alert;
        waiting.set(alert.id, alert);
        batch ??= setTimeout(apply, BATCH_MS);
      }),
      listen('reload', () => list.again()),
    ];
    return () => {
      ends.forEach((end) => end());
      if (batch) clearTimeout(batch);
      if (counting) clearTimeout(counting);
    };
  });

  return {
    get count() {
      return count;
    },
    forget,
  };
}
