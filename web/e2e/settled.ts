/** When a view has come to rest, on the page's own clock. */
import type { Page } from '@playwright/test';

/** What counts as something to work with: a row, a figure, a picture of numbers. */
const USEFUL = '#content :is(tr.alert, tbody tr, .tile, li a, svg)';
/** How long nothing may happen before a view counts as settled. */
const QUIET_MS = 250;

export interface Times {
  /** When there first was something to work with; milliseconds since the navigation began. */
  useful: number;
  /** When the content changed last. */
  last: number;
}

/** Makes the pages that are opened from here on keep these times. */
export async function follow(page: Page): Promise<void> {
  await page.addInitScript((useful) => {
    if (window !== window.top) return;
    const state = { useful: 0, last: 0, asking: 0 };
    Object.assign(window, { settling: state });
    const ask = window.fetch;
    window.fetch = async (...words) => {
      const isStream = String(words[0]).includes('/api/v1/live');
      if (!isStream) state.asking += 1;
      try {
        return await ask(...words);
      } finally {
        if (!isStream) state.asking -= 1;
      }
    };
    const look = (): void => {
      // What was put there is seen with the next frame.
      requestAnimationFrame(() => {
        state.last = performance.now();
        if (state.useful === 0 && document.querySelector(useful)) state.useful = state.last;
      });
    };
    new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true });
  }, USEFUL);
}

/** Waits until nothing is asked for and nothing changes any more. */
export async function settled(page: Page): Promise<Times> {
  await page.waitForFunction((quiet) => {
    const state = Reflect.get(window, 'settling') as { last: number; asking: number } | undefined;
    return state && state.asking === 0 && state.last > 0 && performance.now() - state.last > quiet;
  }, QUIET_MS);
  return page.evaluate(() => {
    const state = Reflect.get(window, 'settling') as { useful: number; last: number };
    return { useful: state.useful, last: state.last };
  });
}
