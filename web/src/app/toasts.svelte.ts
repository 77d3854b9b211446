/** Short messages at the edge: what was done, with a way to take it back, or what went wrong. */
import { ApiError } from '../api/client';
import { plain } from './signs';
import { vocabulary } from './vocabulary';
import { t, type Phrase } from './words.svelte';

export interface Toast {
  id: number;
  kind: 'done' | 'failed';
  text: string;
  action?: { label: Phrase; run: () => void };
}

const state = $state<{ all: Toast[] }>({ all: [] });
let next = 1;
const STAYS_MS = 8000;

export function toasts(): readonly Toast[] {
  return state.all;
}

export function dismiss(id: number): void {
  state.all = state.all.filter((toast) => toast.id !== id);
}

function show(toast: Omit<Toast, 'id'>): void {
  const id = next++;
  state.all = [...state.all.slice(-3), { ...toast, id }];
  setTimeout(() => dismiss(id), STAYS_MS);
}

export function done(text: string, action?: { label: Phrase; run: () => void }): void {
  show(action ? { kind: 'done', text, action } : { kind: 'done', text });
}

/** Says what went wrong, in the server's words where it gave some; they may repeat what somebody sent. */
export function failed(error: unknown): void {
  show({ kind: 'failed', text: explain(error) });
}

export function explain(error: unknown): string {
  if (error instanceof ApiError) {
    if (error.status === 0) return t(vocabulary.unreachable);
    const fields = (error.problem?.errors ?? []).map((one) => `${one.field}: ${one.message}`);
    return plain([error.message, ...fields].join('\n'));
  }
  return error instanceof Error ? plain(error.message) : t(vocabulary.failed);
}

/** Runs something that may fail, says so where it does, and returns whether it went well. */
export async function attempt(run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run();
    return true;
  } catch (error) {
    failed(error);
    return false;
  }
}
