/** What changes on the server, as it happens: one stream for all views, tied together again when it breaks. */
import { session } from './session.svelte';
import { address } from '../api/client';

/** `reload` says that something was missed, so that what is shown should be read again. */
export type Topic = 'alert' | 'case' | 'action' | 'decision' | 'ingest' | 'reload';
type Listener = (data: unknown) => void;

// Not shown, so nothing needs to follow it.
/* eslint-disable svelte/prefer-svelte-reactivity */
const listeners = new Map<Topic, Set<Listener>>();
const state = $state({ connected: false });

/** Whether what is shown follows the server. */
export function connected(): boolean {
  return state.connected;
}

/** Calls back at each change of this kind, until the returned function is called. */
export function listen(topic: Topic, listener: Listener): () => void {
  const known = listeners.get(topic) ?? new Set();
  known.add(listener);
  listeners.set(topic, known);
  return () => known.delete(listener);
}

/** Like {@link listen}, but at most once in so many milliseconds: a flood of changes is one refresh. */
export function listenCalmly(topics: Topic[], run: () => void, everyMs = 1000): () => void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const once = (): void => {
    timer ??= setTimeout(() => {
      timer = null;
      run();
    }, everyMs);
  };
  const ends = topics.map((topic) => listen(topic, once));
  return () => {
    ends.forEach((end) => end());
    if (timer) clearTimeout(timer);
  };
}

/** Follows the server for the client that is looked at. */
export function follow(): () => void {
  const opened = new EventSource(address('/api/v1/live', {}, session.scope));
  opened.onopen = () => (state.connected = true);
  // The browser tries again by itself and tells the server the last event that it has.
  opened.onerror = () => (state.connected = false);
  for (const topic of ['alert', 'case', 'action', 'decision', 'ingest', 'reload'] as const) {
    opened.addEventListener(topic, (event) => {
      const data: unknown = JSON.parse((event as MessageEvent<string>).data);
      listeners.get(topic)?.forEach((listener) => listener(data));
    });
  }
  return () => {
    opened.close();
    state.connected = false;
  };
}
