/** Lists outlive records that say a thing twice, and a view that cannot be drawn says so. */
import { expect, test, type Page } from '@playwright/test';
import { start, withSamples, type Server } from './server';
import { signIn } from './sign-in';

let server: Server;
test.beforeAll(async () => {
  server = await start();
  await withSamples(server);
  await server.api('POST', '/api/v1/setup', { tenant_name: 'Acme' });
});
test.afterAll(() => server.stop());

interface Row {
  tags: string[];
  entities: unknown[] | null;
}

/** Changes the rows of every list of alerts on their way to the page. */
async function changeRows(page: Page, change: (row: Row) => void): Promise<void> {
  await page.route('**/api/v1/alerts?*', async (route) => {
    const answer = await route.fetch();
    const body = (await answer.json()) as { rows: Row[] };
    body.rows.forEach(change);
    await route.fulfill({ response: answer, json: body });
  });
}

test('an alert that has a tag and an entity twice', async ({ page }) => {
  await signIn(page, server);
  await changeRows(page, (row) => {
    row.tags = ['twice', 'twice'];
    row.entities = [...(row.entities ?? []), ...(row.entities ?? [])];
  });
  await page.goto(`${server.origin}/alerts`);
  await expect(page.locator('tr.alert').first().getByText('twice')).toHaveCount(2);
});

test('an alert that cannot be drawn', async ({ page }) => {
  await signIn(page, server);
  await changeRows(page, (row) => (row.entities = null));
  await page.goto(`${server.origin}/alerts`);
  await expect(page.getByRole('alert')).toContainText('Alerts could not be drawn');
  await page.getByRole('link', { name: 'Overview' }).last().click();
  await expect(page.getByRole('heading').first()).toBeVisible();
});
