import { execFileSync } from 'node:child_process';
import { expect, test } from '@playwright/test';
import { mailbox, type Mailbox } from './mail';
import { signIn } from './sign-in';
import { start, withSamples, type Server } from './server';
import { watch } from './watch';

let server: Server;
let post: Mailbox;
test.beforeAll(async () => {
  post = await mailbox();
  server = await start(`[smtp]
server = "127.0.0.1"
port = ${post.port}
security = "plain"
from = "vigie@acme.example"
to = ["soc@acme.example"]
`);
  await withSamples(server);
  await server.api('POST', '/api/v1/setup', { tenant_name: 'Acme Industries' });
});
test.afterAll(async () => {
  await server.stop();
  await post.close();
});

test('a report is scheduled, sent, received by mail and kept', async ({ page }) => {
  const seen = watch(page, server.origin);
  await signIn(page, server);
  await page.goto(`${server.origin}/reports?tab=schedules`);
  await page.getByRole('button', { name: 'Add a schedule' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/^Recipients/).fill('client@acme.example');
  await dialog.getByLabel(/^Language/).selectOption('fr');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toHaveCount(0);
  await page.getByRole('button', { name: 'Send now' }).click();

  const isReport = (letter: { to: string[] }): boolean => letter.to.includes('client@acme.example');
  await expect
    .poll(() => post.letters.filter(isReport).length, { timeout: 30_000, message: 'it is mailed once' })
    .toBe(1);
  const letter = post.letters.find(isReport)?.text ?? '';
  for (const part of ['text/plain', 'text/html', 'application/pdf']) expect(letter).toContain(part);

  await page.goto(`${server.origin}/reports`);
  await expect(page.getByText('client@acme.example').first()).toBeVisible();
  const kept = (await (await server.api('GET', '/api/v1/reports?tenant=acme')).json()) as { rows: { id: string }[] };
  expect(kept.rows).toHaveLength(1);
  const pdf = await server.api('GET', `/api/v1/reports/${kept.rows[0]?.id}?format=pdf`);
  expect(
    Buffer.from(await pdf.arrayBuffer())
      .subarray(0, 5)
      .toString(),
  ).toBe('%PDF-');
  seen.isSilent();
});

test('a report is looked at before it is made, in both languages, and its page is valid HTML', async ({ page }) => {
  const seen = watch(page, server.origin);
  await signIn(page, server);
  await page.goto(`${server.origin}/reports?tab=make`);
  const frame = page.frameLocator('iframe');
  await expect(frame.getByRole('heading').first()).toBeVisible();
  for (const language of ['en', 'fr']) {
    const path = `/api/v1/reports/weekly?tenant=acme&language=${language}&format=html`;
    const html = await (await server.api('GET', path)).text();
    expect(html).toContain(`lang="${language}"`);
    const options = ['html-validate', '--preset', 'standard', '--stdin'];
    const checked = (): string => execFileSync('npx', options, { input: html, encoding: 'utf8' });
    expect(checked, language).not.toThrow();
  }
  seen.isSilent();
});
