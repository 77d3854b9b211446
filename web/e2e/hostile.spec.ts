import { expect, test } from '@playwright/test';
import { signIn } from './sign-in';
import { start, type Server } from './server';
import { addressesOfViews } from './views';
import { expectNoSideScroll, watch } from './watch';

/** What attackers write into every field that somebody will look at. */
const SCRIPT = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>';
const REVERSED = 'invoice\u202Efdp.exe';
const ANSI = '\u001b[31mred\u001b[0m\u0007';
const LONG = 'A'.repeat(1_000_000);
const HOSTILE = `${SCRIPT} ${REVERSED} ${ANSI} javascript:alert(1) \${7*7} {{7*7}}`;

let server: Server;
let addresses: Record<string, string>;

test.beforeAll(async () => {
  server = await start();
  await server.api('POST', '/api/v1/setup', {});
  const sent = async (path: string, body: unknown): Promise<Record<string, string>> => {
    const answer = await server.api('POST', path, body);
    const text = await answer.text();
    expect(answer.ok, `${path}: ${answer.status} ${text}`).toBe(true);
    return text ? (JSON.parse(text) as Record<string, string>) : {};
  };
  // Events: a field each, one of them a megabyte long; the names of files and users are the attacker's too.
  const event = {
    time: new Date().toISOString(),
    user: HOSTILE,
    message: HOSTILE,
    file: REVERSED,
    long: LONG.slice(0, 200_000),
  };
  await sent('/api/v1/ingest/json?product=linux&category=process_creation', JSON.stringify(event));
  const line = `Nov 27 08:00:00 ${'web-01'} sshd[1]: Failed password for invalid user ${SCRIPT} from 203.0.113.9 port 4 ssh2\n`;
  await sent('/api/v1/ingest/linux_auth', line.repeat(12));
  const found = await sent('/api/v1/cases', {
    title: HOSTILE.slice(0, 190),
    description: HOSTILE + LONG.slice(0, 90_000),
    severity: 'critical',
    tenant: 'acme',
    tags: ['<b>tag</b>', REVERSED],
  });
  const id = found['id'] ?? '';
  await sent(`/api/v1/cases/${id}/comments`, { text: HOSTILE });
  await sent(`/api/v1/cases/${id}/tasks`, { title: HOSTILE.slice(0, 190) });
  await sent(`/api/v1/cases/${id}/observables`, { kind: 'other', value: HOSTILE });
  const file = new FormData();
  file.append(
    'file',
    new Blob(['<script>window.pwned=1</script>'], { type: 'text/html' }),
    `${REVERSED}"><img src=x>.html`,
  );
  await sent(`/api/v1/cases/${id}/attachments`, file);
  for (let tries = 0; tries < 100; tries++) {
    const page = (await (await server.api('GET', '/api/v1/alerts?limit=1')).json()) as { total?: number };
    if ((page.total ?? 0) >= 1) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  addresses = { ...(await addressesOfViews(server)), case: `/cases/${id}` };
  for (const tab of [
    'tasks',
    'observables',
    'timeline',
    'comments',
    'attachments',
    'actions',
    'similar',
    'graph',
    'history',
    'report',
  ]) {
    addresses[`case ${tab}`] = `/cases/${id}?tab=${tab}`;
  }
});
test.afterAll(() => server.stop());

test('what attackers write is shown and does nothing', async ({ page }) => {
  const seen = watch(page, server.origin);
  page.on('dialog', () => expect(true, 'a dialog opened').toBe(false));
  await signIn(page, server);
  for (const [name, address] of Object.entries(addresses)) {
    await page.goto(server.origin + address);
    await expect(page.getByRole('heading').first(), name).toBeVisible();
    await page.waitForTimeout(500);
    const state = await page.evaluate(() => ({
      pwned: 'pwned' in window,
      planted: document.querySelectorAll('img[src="x"], b, #content script, a[href^="javascript:"]').length,
      // Signs stand for what would reverse or hide text.
      hidden: /[\u202a-\u202e\u2066-\u2069\u001b\u0007\u0000]/.test(document.body.innerText),
      length: document.body.innerText.length,
    }));
    expect(state, name).toMatchObject({ pwned: false, planted: 0, hidden: false });
    expect(state.length, `${name} puts too much text on the page`).toBeLessThan(300_000);
    await expectNoSideScroll(page, name);
    seen.isSilent();
  }
});
