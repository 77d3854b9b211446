/**
 * The keyboard: views say which keys they take and what these do; the overlay behind `?` lists them.
 *
 * A key is written as people say it: `j`, `Enter`, `Shift+X`, `Mod+k` (Ctrl, or ⌘ on a Mac), or two in a row, `g a`.
 */
import { untrack } from 'svelte';
import type { Phrase } from './words.svelte';

export interface Binding {
  keys: string;
  does: Phrase;
  run: (event: KeyboardEvent) => void;
  /** Whether it works while a field has the focus. */
  inFields?: boolean;
}

interface Layer {
  title: Phrase;
  bindings: Binding[];
  /** A dialog's layer hides those below. */
  isModal: boolean;
}

// Not looked into, so that a layer stays the one that was put there and is found again.
let layers = $state.raw<readonly Layer[]>([]);
let pending = '';
let pendingSince = 0;
const PAUSE_MS = 1200;

/** Takes keys until the returned function is called. In a component: `$effect(() => bindKeys(…))`. */
export function bindKeys(title: Phrase, bindings: Binding[], how: { isModal?: boolean } = {}): () => void {
  const layer: Layer = { title, bindings, isModal: how.isModal ?? false };
  // To take keys is not to follow what others take: two effects that did would set each other off without an end.
  untrack(() => (layers = [...layers, layer]));
  return () => untrack(() => (layers = layers.filter((known) => known !== layer)));
}

/** Returns what is taken now, the innermost first, for the overlay. */
export function taken(): readonly Layer[] {
  return [...layers].reverse();
}

function name(event: KeyboardEvent): string {
  const key = event.key === ' ' ? 'Space' : event.key;
  const parts: string[] = [];
  if (event.ctrlKey || event.metaKey) parts.push('Mod');
  if (event.altKey) parts.push('Alt');
  if (event.shiftKey && key.length > 1) parts.push('Shift');
  parts.push(key);
  return parts.join('+');
}

function isField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}

/** Whether what has the focus does something of its own at this key: a button is pressed, a link is followed. */
function actsItself(target: EventTarget | null, typed: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  const presses = target.closest('button, summary, [role="button"], [role="option"], [role="tab"]') !== null;
  if (typed === 'Space') return presses;
  return typed === 'Enter' && (presses || target.closest('a[href]') !== null);
}

addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  const typed = name(event);
  const now = performance.now();
  const pair = pending && now - pendingSince < PAUSE_MS ? `${pending} ${typed}` : '';
  const inField = isField(event.target);
  if (actsItself(event.target, typed)) return;
  let begins = false;
  for (const layer of taken()) {
    for (const binding of layer.bindings) {
      if (inField && !binding.inFields) continue;
      if (binding.keys === typed || (pair && binding.keys === pair)) {
        pending = '';
        event.preventDefault();
        binding.run(event);
        return;
      }
      begins ||= binding.keys.startsWith(`${typed} `);
    }
    if (layer.isModal) break;
  }
  pending = begins ? typed : '';
  pendingSince = now;
});
