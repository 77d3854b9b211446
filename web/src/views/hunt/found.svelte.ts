/** The events found, page by page, with the days that could not be read. */
import { api, type Schemas } from '../../api/client';
import { pages, type Pages } from '../../ui/pages.svelte';
import type { Event } from './columns';

const PAGE = 100;
/** How many rows are on the page at most; who wants more narrows the search. */
const SHOWN_MAX = 2000;

export interface Asked {
  q?: string;
  from?: string;
  until?: string;
  tenant?: string;
}

export interface Found extends Pages<Event> {
  readonly skipped: readonly Schemas['SkippedBody'][];
}

/** Asks whenever what `query` reads changes; `null` asks nothing. Call it while a component is set up. */
export function found(query: () => Asked | null): Found {
  let skipped = $state.raw<readonly Schemas['SkippedBody'][]>([]);
  const list = pages<Event>(
    (cursor, signal) => {
      const asked = query();
      if (!asked) return null;
      const ask = async () => {
        const page = await api.get('/api/v1/events', {
          query: { ...asked, limit: PAGE, ...(cursor ? { cursor } : {}) },
          signal,
        });
        if (!signal.aborted) skipped = page.skipped ?? [];
        return { rows: page.events, next: page.next ?? null, total: page.total };
      };
      return ask();
    },
    // What an earlier search found is no answer to this one.
    { rowsMax: SHOWN_MAX, keepsOnError: false },
  );
  return Object.defineProperty(list, 'skipped', { get: () => skipped }) as Found;
}
