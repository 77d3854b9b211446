import { expect, test } from '@playwright/test';
import { signIn } from './sign-in';
import { start, withSamples, type Server } from './server';
import { watch } from './watch';

const PASSWORD = 'a password of somebody';
let server: Server;
test.beforeAll(async () => {
  server = await start();
  await withSamples(server);
  await server.api('POST', '/api/v1/setup', { tenant_name: 'Acme Industries' });
  await server.api('POST', '/api/v1/tenants', { id: 'globex', name: 'Globex' });
  const only = { only: ['globex'] };
  await server.api('POST', '/api/v1/users', { name: 'gail', password: PASSWORD, role: 'analyst', tenants: only });
  await server.api('POST', '/api/v1/users', {
    name: 'rita',
    password: PASSWORD,
    role: 'reader',
    tenants: { only: ['acme'] },
  });
});
test.afterAll(() => server.stop());

test('an analyst of one client sees nothing of another', async ({ page }) => {
  const seen = watch(page, server.origin);
  const alerts = (await (await server.api('GET', '/api/v1/alerts?limit=1')).json()) as { rows: { id: string }[] };
  const cases = (await (await server.api('GET', '/api/v1/cases?limit=1')).json()) as { rows: { id: string }[] };
  await signIn(page, server, { user: 'gail', password: PASSWORD });
  for (const view of [
    '/',
    '/alerts?status=all',
    '/cases?status=all',
    '/hunt',
    '/response?tab=all',
    '/reports',
    '/rules',
    '/settings/sources',
  ]) {
    await page.goto(server.origin + view);
    await expect(page.getByRole('heading').first()).toBeVisible();
    await page.waitForTimeout(400);
    const text = await page.locator('body').innerText();
    expect(text, view).not.toMatch(/Acme|web-01|203\.0\.113\.|backup-writer/);
  }
  // What belongs to another client looks as if it did not exist.
  for (const address of [`/alerts/${alerts.rows[0]?.id}`, `/cases/${cases.rows[0]?.id}`]) {
    await page.goto(server.origin + address);
    await expect(page.locator('#content')).toContainText(/no such|not there|does not exist|not found/i);
    expect(await page.locator('body').innerText()).not.toMatch(/Acme|web-01|203\.0\.113\./);
  }
  await page.goto(`${server.origin}/settings`);
  await expect(page.getByRole('link', { name: 'Users' })).toHaveCount(0);
  seen.isSilent();
});

test('a reader is not offered what they may not do', async ({ page }) => {
  const seen = watch(page, server.origin);
  await signIn(page, server, { user: 'rita', password: PASSWORD });
  const cases = (await (await server.api('GET', '/api/v1/cases?limit=1')).json()) as { rows: { id: string }[] };
  await page.goto(`${server.origin}/cases/${cases.rows[0]?.id}`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.getByRole('button', { name: /Close the case|Take up|Merge alerts/ })).toHaveCount(0);
  await page.goto(`${server.origin}/alerts`);
  await expect(page.locator('tbody tr').first()).toBeVisible();
  await page.keyboard.press('j');
  await page.keyboard.press('c');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  seen.isSilent();
});
