import { expect, test } from '@playwright/test';
import { start, type Server } from './server';
import { expectAccessible, expectNoSideScroll, watch } from './watch';

let server: Server;
test.beforeAll(async () => {
  server = await start();
});
test.afterAll(() => server.stop());

test('a fresh server is set up and shows its first event within a minute', async ({ page }) => {
  const seen = watch(page, server.origin);
  const began = Date.now();
  await page.goto(server.link);
  await expect(page.getByRole('heading', { name: 'Welcome to Vigie' })).toBeVisible();
  expect(page.url(), 'the token is gone from the address').toBe(`${server.origin}/`);
  await expectAccessible(page, 'set-up');
  await page.setViewportSize({ width: 390, height: 844 });
  await expectNoSideScroll(page, 'set-up');
  await page.setViewportSize({ width: 1440, height: 900 });

  await page.getByLabel('A password of your own').fill('a password of my own');
  await page.locator('input[name=client]').fill('Acme Industries');
  await page.getByRole('button', { name: 'Set up' }).click();

  await page.getByRole('button', { name: 'Make a key for this source' }).click();
  const command = await page.locator('pre').first().textContent();
  const key = /Bearer (\S+?)'/.exec(command ?? '')?.[1] ?? '';
  expect(key).toMatch(/^vigie_/);
  await expect(page.getByText('Waiting for the first event')).toBeVisible();
  const line = 'Nov 27 08:00:00 web-01 sshd[1]: Failed password for root from 203.0.113.9 port 4 ssh2\n';
  const sent = await server.api('POST', '/api/v1/ingest/linux_auth', line, key);
  expect(sent.status).toBe(200);
  await expect(page.getByText('1 events have arrived.')).toBeVisible({ timeout: 60_000 });
  expect(Date.now() - began).toBeLessThan(60_000);

  await page.getByRole('button', { name: 'Try it with sample data' }).click();
  await page.getByRole('button', { name: 'Open the console' }).click();
  // The heading is the page's name until the figures are there, then their sentence.
  await expect(page.getByRole('region', { name: 'Figures' })).toBeVisible();
  await expect(page.getByText('Acme Industries').first()).toBeVisible();
  seen.isSilent();

  // The link was for once, and the password of the terminal is no more.
  const again = await server.api('POST', '/api/v1/auth/link', { token: server.link.split('#')[1] });
  expect(again.status).toBe(401);
  const old = await server.api('POST', '/api/v1/auth/login', { user: server.user, password: server.password });
  expect(old.status).toBe(401);
  const set = await server.api('POST', '/api/v1/auth/login', { user: server.user, password: 'a password of my own' });
  expect(set.status).toBe(200);
});
