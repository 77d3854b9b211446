/** Pictures of every view, dark and light, wide and narrow: `npm run screenshots` puts them into `docs/guides/console`. */
import { mkdirSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { start, withSamples, type Server } from './server';
import { signIn, wear } from './sign-in';
import { addressesOfViews } from './views';

const FOLDER = process.env['VIGIE_SCREENSHOTS'] ?? 'test-results/screenshots';
const SIZES = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } };

let server: Server;
test.beforeAll(async () => {
  server = await start();
  await withSamples(server);
  await server.api('POST', '/api/v1/setup', { tenant_name: 'Acme Industries' });
  mkdirSync(FOLDER, { recursive: true });
});
test.afterAll(() => server.stop());

for (const [size, viewport] of Object.entries(SIZES)) {
  for (const theme of ['dark', 'light'] as const) {
    test(`pictures of every view, ${theme}, ${size}`, async ({ page }) => {
      await page.setViewportSize(viewport);
      await wear(page, theme);
      await signIn(page, server);
      for (const [name, address] of Object.entries(await addressesOfViews(server))) {
        await page.goto(server.origin + address);
        await expect(page.getByRole('heading').first()).toBeVisible();
        await page.waitForTimeout(600);
        await page.screenshot({ path: `${FOLDER}/${name}-${theme}-${size}.jpg`, type: 'jpeg', quality: 62 });
      }
    });
  }
}
