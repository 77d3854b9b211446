/** A request as the view sees it: what came, whether more is on its way, what went wrong. */
import { untrack } from 'svelte';

export interface Load<T> {
  readonly value: T | undefined;
  readonly error: unknown;
  readonly isLoading: boolean;
  /** Asks again; what is shown stays until the answer is there. */
  again: () => void;
  /** Puts another value in its place, after a change whose answer is known. */
  set: (value: T) => void;
}

/**
 * Asks whenever what `ask` reads changes. Call it while a component is set up. An answer that was overtaken by a newer
 * question is thrown away. `ask` must read its reactive state before it waits for anything.
 */
export function load<T>(ask: (signal: AbortSignal) => Promise<T>): Load<T> {
  const state = $state<{ value: T | undefined; error: unknown; isLoading: boolean; turn: number }>({
    value: undefined,
    error: null,
    isLoading: true,
    turn: 0,
  });
  $effect(() => {
    void state.turn;
    const abort = new AbortController();
    const answer = ask(abort.signal);
    untrack(() => (state.isLoading = true));
    answer.then(
      (value) => {
        if (abort.signal.aborted) return;
        state.value = value;
        state.error = null;
        state.isLoading = false;
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        state.error = error;
        state.isLoading = false;
      },
    );
    return () => abort.abort();
  });
  return {
    get value() {
      return state.value;
    },
    get error() {
      return state.error;
    },
    get isLoading() {
      return state.isLoading;
    },
    again: () => {
      state.turn += 1;
    },
    set: (value: T) => {
      state.value = value;
    },
  };
}
