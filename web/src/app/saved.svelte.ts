/** Filters that a person gave a name: name → the query of a view's address. Kept in this browser, for this user. */
import { session } from './session.svelte';

export interface Saved {
  name: string;
  /** The query, without `?`. */
  query: string;
}

const NAMES_MAX = 50;
const NAME_CHARS_MAX = 60;

const state = $state<{ turn: number }>({ turn: 0 });

function key(view: string): string {
  return `vigie.saved.${session.me?.name ?? ''}.${view}`;
}

/** Reads a list that was written before; what is no such list is none. */
export function parse(text: string | null): Saved[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]');
    if (!Array.isArray(value)) return [];
    return value.filter(
      (one): one is Saved => typeof one?.name === 'string' && typeof one?.query === 'string' && one.name !== '',
    );
  } catch {
    return [];
  }
}

/** Returns the list with this one in it: in place of one of the same name, else at the end. */
export function withOne(all: readonly Saved[], name: string, query: string): Saved[] {
  const called = name.trim().slice(0, NAME_CHARS_MAX);
  if (called === '') return [...all];
  const others = all.filter((one) => one.name !== called);
  return [...others, { name: called, query }].slice(-NAMES_MAX);
}

/** The filters kept for a view. */
export function saved(view: string): readonly Saved[] {
  void state.turn;
  return parse(localStorage.getItem(key(view)));
}

function put(view: string, all: Saved[]): void {
  localStorage.setItem(key(view), JSON.stringify(all));
  state.turn += 1;
}

export function save(view: string, name: string, query: string): void {
  put(view, withOne(saved(view), name, query));
}

export function forget(view: string, name: string): void {
  put(
    view,
    saved(view).filter((one) => one.name !== name),
  );
}
