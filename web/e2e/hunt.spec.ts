import { expect, test } from '@playwright/test';
import { signIn } from './sign-in';
import { start, withSamples, type Server } from './server';
import { watch } from './watch';

let server: Server;
test.beforeAll(async () => {
  server = await start();
  await withSamples(server);
  await server.api('POST', '/api/v1/setup', {});
});
test.afterAll(() => server.stop());

test('from the histogram to a saved rule with its test', async ({ page }) => {
  const seen = watch(page, server.origin);
  await signIn(page, server);
  await page.goto(`${server.origin}/hunt?q=${encodeURIComponent('source:linux_auth AND outcome:failure')}`);
  const rows = page.locator('tbody tr');
  await expect(rows.first()).toBeVisible();
  const chart = page.getByRole('slider').first();
  const box = await chart.boundingBox();
  if (!box) throw new Error('the histogram has no place');
  const before = page.url();
  // A span is drawn over the right half of the histogram.
  await page.mouse.move(box.x + box.width * 0.5, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width - 2, box.y + box.height / 2, { steps: 8 });
  await page.mouse.up();
  await expect(page).not.toHaveURL(before);
  await expect(page).toHaveURL(/from=/);
  await expect(rows.first()).toBeVisible();

  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await page.getByRole('link', { name: /Save as rule/ }).click();
  await expect(page).toHaveURL(/\/rules\/new/);
  const text = page.locator('textarea').first();
  await expect(text).toHaveValue(/detection:/);
  await page.getByRole('button', { name: 'Save and detect with it' }).click();
  await expect(page).toHaveURL(/\/rules\/(?!new)/);
  const id = decodeURIComponent(page.url().split('/rules/')[1]?.split('?')[0] ?? '');
  const rule = await server.api('GET', `/api/v1/rules/${encodeURIComponent(id)}`);
  expect(rule.status).toBe(200);
  expect(await rule.text()).toContain('"editable":true');
  seen.isSilent();
});
