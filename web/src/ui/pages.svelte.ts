/** A list in pages: the first is asked for when what `ask` reads changes, the others when the reader wants more. */
import { untrack } from 'svelte';

/** One page, as every list of the API gives it. */
export interface Page<T> {
  rows: T[];
  next?: string | null;
  total: number;
  total_capped: boolean;
}

export interface Pages<T> {
  readonly rows: readonly T[];
  /** How many there are on all pages; at least so many where `isCapped`. */
  readonly total: number;
  readonly isCapped: boolean;
  readonly hasMore: boolean;
  /** Whether the first page is on its way. */
  readonly isLoading: boolean;
  readonly isLoadingMore: boolean;
  /** Whether a first page has come. */
  readonly isThere: boolean;
  readonly error: unknown;
  more: () => void;
  again: () => void;
  /** Changes rows that are shown, where they are: for what is told live. */
  change: (each: (row: T) => T) => void;
}

/** Call it while a component is set up. `ask` must read its reactive state before it waits for anything. */
export function pages<T>(ask: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>): Pages<T> {
  let rows = $state.raw<readonly T[]>([]);
  let total = $state(0);
  let isCapped = $state(false);
  let next = $state<string | null>(null);
  let isLoading = $state(true);
  let isLoadingMore = $state(false);
  let isThere = $state(false);
  let error = $state.raw<unknown>(null);
  let turn = $state(0);
  let current = new AbortController();

  function take(page: Page<T>, before: readonly T[]): void {
    rows = [...before, ...page.rows];
    total = page.total;
    isCapped = page.total_capped;
    next = page.next ?? null;
    isThere = true;
    error = null;
  }

  $effect(() => {
    void turn;
    const abort = new AbortController();
    const answer = ask(undefined, abort.signal);
    untrack(() => {
      current = abort;
      isLoading = true;
      isLoadingMore = false;
    });
    answer.then(
      (page) => {
        if (abort.signal.aborted) return;
        take(page, []);
        isLoading = false;
      },
      (cause: unknown) => {
        if (abort.signal.aborted) return;
        error = cause;
        isLoading = false;
      },
    );
    return () => abort.abort();
  });

  async function more(): Promise<void> {
    if (next === null || isLoadingMore || isLoading) return;
    const { signal } = current;
    isLoadingMore = true;
    try {
      const page = await untrack(() => ask(next ?? undefined, signal));
      if (!signal.aborted) take(page, rows);
    } catch (cause) {
      if (!signal.aborted) error = cause;
    } finally {
      if (!signal.aborted) isLoadingMore = false;
    }
  }

  return {
    get rows() {
      return rows;
    },
    get total() {
      return total;
    },
    get isCapped() {
      return isCapped;
    },
    get hasMore() {
      return next !== null;
    },
    get isLoading() {
      return isLoading;
    },
    get isLoadingMore() {
      return isLoadingMore;
    },
    get isThere() {
      return isThere;
    },
    get error() {
      return error;
    },
    more: () => void more(),
    again: () => {
      turn += 1;
    },
    change: (each) => {
      rows = rows.map(each);
    },
  };
}
