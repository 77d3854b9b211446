/** A list in pages: the first is asked for when what `ask` reads changes, the others when the reader wants more. */
import { untrack } from 'svelte';

/** One page, as every list of the API gives it. */
export interface Page<T> {
  rows: T[];
  next?: string | null;
  /** Not every list is counted. */
  total?: number;
  total_capped?: boolean;
}

export interface Limits {
  /** How many rows are shown at most; as many as there are where it is not said. */
  rowsMax?: number;
  /** Whether rows stay where the question that follows fails; they do where it is not said. */
  keepsOnError?: boolean;
}

export interface Pages<T> {
  readonly rows: readonly T[];
  /** The same, as one asks a load: `undefined` until a first page has come. */
  readonly value: readonly T[] | undefined;
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

/**
 * Call it while a component is set up. `ask` must read its reactive state before it waits for anything; `null` asks nothing,
 * and leaves what is there.
 */
export function pages<T>(
  ask: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>> | null,
  { rowsMax = Infinity, keepsOnError = true }: Limits = {},
): Pages<T> {
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
    total = page.total ?? rows.length;
    isCapped = page.total_capped ?? false;
    next = page.next ?? null;
    isThere = true;
    error = null;
  }

  $effect(() => {
    void turn;
    const abort = new AbortController();
    const answer = ask(undefined, abort.signal);
    if (!answer) {
      untrack(() => (isLoading = false));
      return;
    }
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
        if (keepsOnError) return;
        rows = [];
        total = 0;
        next = null;
        isThere = false;
      },
    );
    return () => abort.abort();
  });

  async function more(): Promise<void> {
    if (next === null || rows.length >= rowsMax || isLoadingMore || isLoading) return;
    const { signal } = current;
    isLoadingMore = true;
    try {
      const page = await untrack(() => ask(next ?? undefined, signal));
      if (page && !signal.aborted) take(page, rows);
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
    get value() {
      return isThere ? rows : undefined;
    },
    get total() {
      return total;
    },
    get isCapped() {
      return isCapped;
    },
    get hasMore() {
      return next !== null && rows.length < rowsMax;
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
