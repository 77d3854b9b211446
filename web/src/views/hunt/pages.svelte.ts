/** The events found, page by page. */
import { api, type Schemas } from '../../api/client';
import type { Event } from './columns';

export const PAGE = 100;
/** How many rows are on the page at most; who wants more narrows the search. */
export const SHOWN_MAX = 2000;

export interface Asked {
  q?: string;
  from?: string;
  until?: string;
  tenant?: string;
}

interface State {
  events: Event[] | undefined;
  total: number;
  next: string | null;
  skipped: Schemas['SkippedBody'][];
  error: unknown;
  isLoading: boolean;
}

export interface Pages {
  readonly events: readonly Event[] | undefined;
  readonly total: number;
  readonly hasMore: boolean;
  readonly skipped: readonly Schemas['SkippedBody'][];
  readonly error: unknown;
  readonly isLoading: boolean;
  more: () => Promise<void>;
  again: () => void;
}

/** Asks whenever what `query` reads changes; `null` asks nothing. Call it while a component is set up. */
export function pages(query: () => Asked | null): Pages {
  // Events are plain values: a deep proxy of each would only cost.
  let now = $state.raw<State>({ events: undefined, total: 0, next: null, skipped: [], error: null, isLoading: false });
  let turn = $state(0);
  let current: { asked: Asked; abort: AbortController } | null = null;

  async function ask(asked: Asked, abort: AbortController, cursor: string | null): Promise<void> {
    now = { ...now, isLoading: true };
    try {
      const query = { ...asked, limit: PAGE, ...(cursor ? { cursor } : {}) };
      const page = await api.get('/api/v1/events', { query, signal: abort.signal });
      if (abort.signal.aborted) return;
      now = {
        ...now,
        events: cursor ? [...(now.events ?? []), ...page.events] : page.events,
        total: page.total,
        next: page.next ?? null,
        skipped: page.skipped ?? [],
        error: null,
        isLoading: false,
      };
    } catch (error) {
      if (abort.signal.aborted) return;
      // What an earlier search found is no answer to this one; pages that are there stay.
      now = cursor
        ? { ...now, error, isLoading: false }
        : { events: undefined, total: 0, next: null, skipped: [], error, isLoading: false };
    }
  }

  $effect(() => {
    void turn;
    const asked = query();
    if (!asked) return;
    const abort = new AbortController();
    current = { asked, abort };
    queueMicrotask(() => void ask(asked, abort, null));
    return () => abort.abort();
  });

  return {
    get events() {
      return now.events;
    },
    get total() {
      return now.total;
    },
    get hasMore() {
      return now.next !== null && (now.events?.length ?? 0) < SHOWN_MAX;
    },
    get skipped() {
      return now.skipped;
    },
    get error() {
      return now.error;
    },
    get isLoading() {
      return now.isLoading;
    },
    more: async () => {
      if (current && now.next && !now.isLoading) await ask(current.asked, current.abort, now.next);
    },
    again: () => {
      turn += 1;
    },
  };
}
