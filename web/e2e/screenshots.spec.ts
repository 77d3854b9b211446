/** Pictures of every view, dark and light, wide and narrow, for `docs/guides/console.md`. */
import { mkdirSync } from 'node:fs';
import { chromium } from '@playwright/test';
import { addressesOfViews } from './views';
import { start, withSamples } from './server';
import { signIn, wear } from './sign-in';

const FOLDER = process.argv[2] ?? '../docs/guides/console';
const SIZES = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } };
const server = await start();
const executablePath = process.env['VIGIE_TEST_CHROMIUM'] ?? '/usr/bin/chromium';
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
try {
  await withSamples(server);
  await server.api('POST', '/api/v1/setup', { tenant_name: 'Acme Industries' });
  const addresses = await addressesOfViews(server);
  mkdirSync(FOLDER, { recursive: true });
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const theme of ['dark', 'light'] as const) {
      const context = await browser.newContext({ viewport, locale: 'en-GB', timezoneId: 'Europe/Paris' });
      const page = await context.newPage();
      await wear(page, theme);
      await signIn(page, server);
      for (const [name, address] of Object.entries(addresses)) {
        await page.goto(server.origin + address);
        await page.getByRole('heading').first().waitFor();
        await page.waitForTimeout(700);
        await page.screenshot({ path: `${FOLDER}/${name}-${theme}-${size}.jpg`, type: 'jpeg', quality: 62 });
      }
      await context.close();
    }
  }
} finally {
  await browser.close();
  await server.stop();
}
