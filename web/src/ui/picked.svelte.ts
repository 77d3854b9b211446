/** Which rows of a list are picked, and which one the keyboard is at. */
import { SvelteSet } from 'svelte/reactivity';

/** Returns the place `step` rows from the one with this id, within the list; the first where there is none yet. */
export function moved(ids: readonly string[], at: string, step: number): number {
  const index = ids.indexOf(at);
  if (index < 0) return ids.length > 0 ? 0 : -1;
  return Math.min(ids.length - 1, Math.max(0, index + step));
}

export class Picked {
  readonly ids = new SvelteSet<string>();

  has(id: string): boolean {
    return this.ids.has(id);
  }

  get size(): number {
    return this.ids.size;
  }

  toggle(id: string): void {
    if (!this.ids.delete(id)) this.ids.add(id);
  }

  add(ids: Iterable<string>): void {
    for (const id of ids) this.ids.add(id);
  }

  clear(): void {
    this.ids.clear();
  }

  /** Forgets what is no longer in the list. */
  keep(ids: Iterable<string>): void {
    const there = [...ids];
    for (const id of [...this.ids]) if (!there.includes(id)) this.ids.delete(id);
  }
}
