/** What every page must keep to: a silent browser console, nothing from elsewhere, and what axe-core asks for. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, type Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export interface Watch {
  /** Fails where anything was said or asked of elsewhere so far. */
  isSilent: () => void;
}

/** Begins to listen to a page. */
export function watch(page: Page, origin: string): Watch {
  const said: string[] = [];
  page.on('console', (message) => {
    if (!['error', 'warning'].includes(message.type())) return;
    // A refused request is the browser's own word, the page says so to its reader; and the sandbox of a report keeps out
    // what these tests would run in it.
    const isExpected = /^Failed to load resource|^Blocked script execution in '[^']+\/reports\//.test(message.text());
    if (!isExpected) said.push(message.text());
  });
  page.on('pageerror', (error) => said.push(`uncaught: ${error.message}`));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !/^(data|blob|about):/.test(url)) said.push(`asked ${url}`);
  });
  return { isSilent: () => expect(said).toEqual([]) };
}

/** Fails where axe-core finds a serious or critical violation of WCAG 2.2 A and AA. */
export async function expectAccessible(page: Page, where: string): Promise<void> {
  // Through the browser's own debugger: the policy of the page would refuse a script of others.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run: (root: Document, options: object) => Promise<AxeResults> } };
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    const results = await axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] });
    return results.violations
      .filter((violation) => violation.impact === 'serious' || violation.impact === 'critical')
      .map(
        (violation) =>
          `${violation.id}: ${violation.nodes
            .slice(0, 3)
            .map((node) => node.html.slice(0, 200))
            .join(' | ')}`,
      );
  });
  expect(found, where).toEqual([]);
}

/** Fails where the page is wider than its window, and names what sticks out. */
export async function expectNoSideScroll(page: Page, where: string): Promise<void> {
  const over = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...document.querySelectorAll('#content *, header *')].filter(
      (element) => element.getBoundingClientRect().right > clientWidth + 1,
    );
    return wide
      .slice(-3)
      .map((element) => `${element.tagName} .${element.className} ${element.textContent?.slice(0, 80)}`);
  });
  expect.soft(over, `${where} is wider than the window`).toEqual([]);
}
