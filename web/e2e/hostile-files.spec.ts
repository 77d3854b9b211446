import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { caseOf, settingsOf } from './hostile-desk';
import { RELAY, rulesAndEvents } from './hostile-fields';
import { INVISIBLE, Planted, TEXTS } from './hostile-texts';
import { signIn } from './sign-in';
import { BINARY, start, type Server } from './server';

let server: Server;
let folder: string;
let reports: Record<string, string>;

test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vigie-hostile-'));
  server = await start(RELAY);
  await server.api('POST', '/api/v1/setup', { tenant_name: `Acme ${TEXTS.markup}` });
  const planted = new Planted();
  await rulesAndEvents(server, planted);
  const id = await caseOf(server, planted);
  await settingsOf(server, planted);
  reports = {
    weekly: '/api/v1/reports/weekly?tenant=acme',
    monthly: '/api/v1/reports/monthly?tenant=acme&language=fr',
    incident: `/api/v1/cases/${id}/report?language=en`,
  };
});
test.afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('a report tells of hostile names and runs nothing, also once it is a file', async ({ page }) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await signIn(page, server);
  for (const [name, path] of Object.entries(reports)) {
    const html = await (await server.api('GET', `${path}&format=html`)).text();
    expect(/<script|<img src=x|(href|src)="?javascript:/i.test(html), name).toBe(false);
    const options = ['html-validate', '--preset', 'standard', '--stdin'];
    expect((): string => execFileSync('npx', options, { input: html, encoding: 'utf8' }), name).not.toThrow();
    const file = join(folder, `${name}.html`);
    writeFileSync(file, html);
    // As a file it has none of the server's policy: only what it holds protects its reader.
    for (const address of [`${server.origin}${path}&format=html`, `file://${file}`]) {
      await page.goto(address);
      await expect(page.getByRole('heading').first(), address).toBeVisible();
      const state = await page.evaluate((signs) => {
        const links = [...document.querySelectorAll('a, area')].map((link) => link.getAttribute('href') ?? '');
        return {
          pwned: 'pwned' in window,
          active: document.querySelectorAll(
            'script, iframe, object, embed, form, [onerror], [onload], base, meta[http-equiv=refresh]',
          ).length,
          links: links.filter((href) => !/^(https?:|#)/.test(href)),
          hidden: new RegExp(signs).exec(document.body.innerText)?.[0] ?? '',
        };
      }, INVISIBLE.source);
      expect(state, address).toEqual({ pwned: false, active: 0, links: [], hidden: '' });
      expect(await page.locator('body').innerText(), address).toContain('<img src=x');
    }
    const pdf = Buffer.from(await (await server.api('GET', `${path}&format=pdf`)).arrayBuffer()).toString('latin1');
    expect(pdf.slice(0, 5), name).toBe('%PDF-');
    expect(/\/(JavaScript|JS|Launch|EmbeddedFile)\b/.exec(pdf), name).toBeNull();
  }
  expect(asked.filter((url) => !url.startsWith(server.origin) && !/^(file|data|blob):/.test(url))).toEqual([]);
  await page.goto(`${server.origin}/reports?tab=make&kind=weekly&client=acme`);
  for (const kind of ['HTML', 'PDF']) {
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: `Download ${kind}` }).click();
    const name = (await download).suggestedFilename();
    expect(name).toMatch(/^[\w.-]+\.(html|pdf)$/);
  }
});

test('events are taken out as they came in, a line each', async ({ page }) => {
  await signIn(page, server);
  await page.goto(`${server.origin}/hunt?q=source:json`);
  await expect(page.locator('tbody tr').first()).toBeVisible();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download NDJSON' }).click();
  const lines = readFileSync(await (await download).path(), 'utf8')
    .trimEnd()
    .split('\n');
  const natives = lines.map((line) => (JSON.parse(line) as { native: string }).native);
  expect(natives.some((native) => native.includes(TEXTS.formula))).toBe(true);
  expect(natives.some((native) => (JSON.parse(native) as { message?: string }).message?.length === 1_000_000)).toBe(
    true,
  );
});

test('what the command line prints moves no cursor and turns no text', async () => {
  const body = { name: 'terminal', role: 'admin', tenants: 'all' };
  const { secret: key } = (await (await server.api('POST', '/api/v1/keys', body)).json()) as { secret: string };
  const first = async (path: string): Promise<string> =>
    ((await (await server.api('GET', path)).json()) as { rows: { id: string }[] }).rows[0]?.id ?? '';
  const commands = [
    ['alerts', 'list'],
    ['alerts', 'show', await first('/api/v1/alerts?sort=-severity&limit=1')],
    ['cases', 'list'],
    ['cases', 'show', await first('/api/v1/cases?limit=1')],
    ['respond', 'list'],
    ['events', 'hold', 'list'],
    ['doctor'],
  ];
  for (const words of commands) {
    const env = { ...process.env, VIGIE_API_KEY: key, VIGIE_URL: server.origin };
    // What it says counts, not what it finds: the doctor may find that the machine's disk is nearly full.
    const { stdout, stderr } = spawnSync(BINARY, words, { encoding: 'utf8', env });
    expect.soft(stdout, `${words.join(' ')}: ${stderr}`).not.toBe('');
    expect.soft((stdout + stderr).match(INVISIBLE) ?? [], words.join(' ')).toEqual([]);
  }
});
