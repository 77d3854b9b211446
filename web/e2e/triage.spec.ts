import { expect, test } from '@playwright/test';
import { signIn } from './sign-in';
import { start, withSamples, type Server } from './server';
import { expectAccessible, watch } from './watch';

let server: Server;
test.beforeAll(async () => {
  // Nobody but the analyst opens cases here.
  server = await start('[cases]\nauto_open = false\n');
  await withSamples(server);
  await server.api('POST', '/api/v1/setup', {});
});
test.afterAll(() => server.stop());

async function total(q: string): Promise<number> {
  const page = (await (await server.api('GET', `/api/v1/alerts?q=${encodeURIComponent(q)}`)).json()) as {
    total?: number;
  };
  return page.total ?? 0;
}

test('ten alerts by keyboard alone, and one taken back', async ({ page }) => {
  const seen = watch(page, server.origin);
  await signIn(page, server);
  await page.keyboard.press('g');
  await page.keyboard.press('a');
  await expect(page.getByRole('heading', { name: 'Alerts' })).toBeVisible();
  await expect(page.locator('tbody tr').first()).toBeVisible();
  const before = await total('status:new');

  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible();
  await expectAccessible(page, 'keyboard overlay');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);

  await page.keyboard.press('j');
  // Five are looked at and closed, each with another verdict; the queue goes on to the next by itself.
  for (let verdict = 1; verdict <= 5; verdict++) {
    await page.keyboard.press('c');
    await expect(page.getByRole('dialog')).toBeVisible();
    await page.keyboard.press(String(verdict));
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expect.poll(() => total('status:closed')).toBe(verdict);
  }
  // Two are taken up by name, three more are chosen and taken up at once.
  for (let mine = 1; mine <= 2; mine++) {
    await page.keyboard.press('m');
    await expect.poll(() => total('assignee:admin'), { message: `${mine} are mine` }).toBeGreaterThanOrEqual(mine);
    await page.keyboard.press('j');
  }
  await page.keyboard.press('x');
  await page.keyboard.press('J');
  await page.keyboard.press('J');
  await page.keyboard.press('a');
  await expect
    .poll(() => total('status:new'), { message: 'ten are no longer new' })
    .toBeLessThanOrEqual(before - 10 + 2);

  // Taking up cannot be taken back, and what was done before it is not the last change.
  await page.keyboard.press('u');
  await expect(page.getByText('There is nothing to undo')).toBeVisible();
  expect(await total('status:closed')).toBe(5);
  const mine = await total('assignee:admin');

  // One is closed, and taken back once the dialog has gone.
  await page.keyboard.press('c');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('2');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect.poll(() => total('status:closed')).toBe(6);
  await page.keyboard.press('u');
  await expect.poll(() => total('status:closed')).toBe(5);

  // One is given to somebody, and taken back before the server has answered.
  let answered = 0;
  await page.route('**/api/v1/alerts/bulk', async (route) => {
    const answer = await route.fetch();
    await new Promise((wait) => setTimeout(wait, 400));
    await route.fulfill({ response: answer });
    answered++;
  });
  await page.keyboard.press('m');
  await page.keyboard.press('u');
  await expect.poll(() => answered).toBe(2);
  expect(await total('assignee:admin')).toBe(mine);
  seen.isSilent();
});

test('an alert becomes a case, which is worked on and closed', async ({ page }) => {
  const seen = watch(page, server.origin);
  await signIn(page, server);
  await page.goto(`${server.origin}/alerts?sort=-severity`);
  await expect(page.locator('tbody tr').first()).toBeVisible();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Why it fired' })).toBeVisible();
  await expectAccessible(page, 'alert');
  await page.goBack();
  await expect(page.locator('tbody tr').first()).toBeVisible();
  await page.keyboard.press('j');
  await page.keyboard.press('o');
  await expect(page).toHaveURL(/\/cases\/[0-9a-f]{32}/);
  const address = page.url().split('?')[0] ?? '';

  await page.locator('.tabs').getByText('Tasks').click();
  await page.getByPlaceholder('What is to do').fill('Ask the owner');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByText('Ask the owner')).toBeVisible();

  await page.locator('.tabs').getByText('Observables').click();
  await page.getByRole('button', { name: '+ Add' }).click();
  await page.getByRole('textbox', { name: 'Value', exact: true }).fill('evil[.]example');
  await page.getByRole('button', { name: 'Add', exact: true }).last().click();
  await expect(page.getByText('evil.example').first()).toBeVisible();

  await page.locator('.tabs').getByText('Comments').click();
  await page.locator('form textarea').fill('The owner did not do it. <b>Sure.</b>');
  await page.locator('form button.primary').click();
  await expect(page.getByText('The owner did not do it. <b>Sure.</b>')).toBeVisible();

  await page.getByRole('button', { name: 'Close the case' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/True positive/).check();
  await dialog.locator('textarea').fill('Blocked and cleaned.');
  await expectAccessible(page, 'closing');
  await dialog.getByRole('button', { name: 'Close the case' }).click();
  // The message offers it too.
  await expect(page.locator('#content').getByRole('button', { name: 'Reopen' })).toBeVisible();
  const id = address.split('/').at(-1) ?? '';
  const kept = (await (await server.api('GET', `/api/v1/cases/${id}`)).json()) as {
    case: { status: string; resolution?: { verdict: string; summary: string } };
    comments: { text: string }[];
    observables: { value: string }[];
  };
  expect(kept.case.status).toBe('closed');
  expect(kept.case.resolution).toMatchObject({ verdict: 'true_positive', summary: 'Blocked and cleaned.' });
  expect(kept.comments.map((comment) => comment.text)).toContain('The owner did not do it. <b>Sure.</b>');
  expect(kept.observables.map((one) => one.value)).toContain('evil.example');
  seen.isSilent();
});
