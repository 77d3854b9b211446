import { expect, test } from '@playwright/test';
import { signIn, wear } from './sign-in';
import { start, withSamples, type Server } from './server';
import { expectAccessible, expectNoSideScroll, watch } from './watch';
import { addressesOfViews } from './views';

let server: Server;
let addresses: Record<string, string>;
test.beforeAll(async () => {
  server = await start();
  await withSamples(server);
  await server.api('POST', '/api/v1/setup', {});
  addresses = await addressesOfViews(server);
});
test.afterAll(() => server.stop());

for (const theme of ['dark', 'light'] as const) {
  for (const [width, height] of [
    [1440, 900],
    [390, 844],
  ] as const) {
    test(`every view, ${theme}, ${width} px wide: silent, accessible, not wider than the window`, async ({ page }) => {
      const seen = watch(page, server.origin);
      await page.setViewportSize({ width, height });
      await wear(page, theme);
      await signIn(page, server);
      for (const [name, address] of Object.entries(addresses)) {
        await page.goto(server.origin + address);
        await expect(page.getByRole('heading').first(), name).toBeVisible();
        await page.waitForLoadState('load');
        await expect(page.getByRole('status', { name: 'Loading…' })).toHaveCount(0);
        await expectAccessible(page, `${name} (${address})`);
        await expectNoSideScroll(page, `${name} (${address})`);
        seen.isSilent();
      }
    });
  }
}

test('every view in French says nothing in English', async ({ page }) => {
  await wear(page, 'light', 'fr');
  await signIn(page, server);
  const english =
    /\b(Loading|Search|Severity|Status|Assignee|Settings|Overview|Alerts|Cases|Save|Cancel|Delete|Undo|Created|Events)\b/;
  for (const [name, address] of Object.entries(addresses)) {
    await page.goto(server.origin + address);
    await expect(page.getByRole('heading').first(), name).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('fr');
    const labels = await page.locator('h1, h2, th, button, label, nav a, .tabs a').allInnerTexts();
    const left = labels.filter((label) => english.test(label) && !/Windows Events|Alerts?:/.test(label));
    expect(left, name).toEqual([]);
  }
});
