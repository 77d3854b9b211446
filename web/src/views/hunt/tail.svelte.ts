/** Events as they come: a stream of the server, held within a number of rows, shown a few times a second at most. */
import { address } from '../../api/client';
import type { Event } from './columns';

export const ROWS_MAX = 500;
const SHOW_MS = 250;

export interface Tail {
  /** The newest first. */
  readonly rows: readonly Event[];
  /** How many wait while it is paused; at most {@link ROWS_MAX} are kept. */
  readonly waiting: number;
  readonly isPaused: boolean;
  readonly isBroken: boolean;
  pause: (is: boolean) => void;
}

/** Puts what came before what is there, the newest first, and lets the oldest go. */
export function newest(coming: readonly Event[], rows: readonly Event[]): Event[] {
  return [...coming].reverse().concat(rows).slice(0, ROWS_MAX);
}

/** Follows the events that match while `query` returns something; call it while a component is set up. */
export function tail(query: () => { q?: string; tenant?: string } | null): Tail {
  const state = $state({ waiting: 0, isPaused: false, isBroken: false });
  // Events are plain values: a deep proxy of each would only cost.
  let rows = $state.raw<Event[]>([]);
  let coming: Event[] = [];
  let timer: ReturnType<typeof setTimeout> | null = null;

  function show(): void {
    timer = null;
    state.waiting = coming.length;
    if (state.isPaused) return;
    rows = newest(coming, rows);
    coming = [];
    state.waiting = 0;
  }

  $effect(() => {
    const asked = query();
    if (!asked) return;
    coming = [];
    rows = [];
    state.waiting = 0;
    state.isPaused = false;
    const source = new EventSource(address('/api/v1/events/live', {}, asked));
    source.onopen = () => (state.isBroken = false);
    source.onerror = () => (state.isBroken = true);
    source.addEventListener('event', (message) => {
      coming.push(JSON.parse((message as MessageEvent<string>).data) as Event);
      if (coming.length > ROWS_MAX) coming.shift();
      timer ??= setTimeout(show, SHOW_MS);
    });
    return () => {
      source.close();
      if (timer) clearTimeout(timer);
      timer = null;
      state.isBroken = false;
    };
  });

  return {
    get rows() {
      return rows;
    },
    get waiting() {
      return state.waiting;
    },
    get isPaused() {
      return state.isPaused;
    },
    get isBroken() {
      return state.isBroken;
    },
    pause: (is) => {
      state.isPaused = is;
      if (!is) show();
    },
  };
}
