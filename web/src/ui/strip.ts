/** Strips of tabs that are wider than the window. */
import { tick } from 'svelte';
import { route } from '../app/router.svelte';

/** To attach to a strip: keeps the tab that is open within sight, whenever the address changes. The page itself stays. */
export function currentInSight(strip: HTMLElement): void {
  // What is read here runs it again.
  void route.path;
  void route.query.toString();
  void tick().then(() => {
    const current = strip.querySelector('[aria-current="page"], [aria-selected="true"]');
    if (!current || strip.scrollWidth <= strip.clientWidth) return;
    const [frame, tab] = [strip.getBoundingClientRect(), current.getBoundingClientRect()];
    strip.scrollLeft += tab.left - frame.left - (frame.width - tab.width) / 2;
  });
}
