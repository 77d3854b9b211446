import { expect, test, type Page } from '@playwright/test';
import { alertsOfOthers, caseOf, settingsOf } from './hostile-desk';
import { RELAY, RULE, rulesAndEvents } from './hostile-fields';
import { INVISIBLE, Planted, TEXTS } from './hostile-texts';
import { plain } from '../src/app/signs';
import { signIn } from './sign-in';
import { start, type Server } from './server';
import { addressesOfViews } from './views';
import { expectNoSideScroll, watch } from './watch';

const CASE_TABS = 'tasks observables timeline comments attachments actions similar graph history report'.split(' ');
/** More text than this on one page before somebody asks for it, and a slow machine cannot follow. */
const PAGE_CHARS_MAX = 300_000;

let server: Server;
let addresses: Record<string, string>;
const planted = new Planted();

test.beforeAll(async () => {
  server = await start(RELAY);
  await server.api('POST', '/api/v1/setup', { tenant_name: planted.printable('own client.name') });
  await rulesAndEvents(server, planted);
  const alerts = await alertsOfOthers(server, planted);
  const id = await caseOf(server, planted);
  await settingsOf(server, planted);
  addresses = { ...(await addressesOfViews(server)), case: `/cases/${id}` };
  alerts.forEach((alert, index) => (addresses[`alert ${index}`] = `/alerts/${alert}`));
  for (const tab of CASE_TABS) addresses[`case ${tab}`] = `/cases/${id}?tab=${tab}`;
  const events = (await (await server.api('GET', '/api/v1/events?limit=20')).json()) as { events: { id: string }[] };
  events.events.forEach((event, index) => (addresses[`event ${index}`] = `/hunt?sel=${event.id}`));
  Object.assign(addresses, {
    rule: `/rules/${RULE}`,
    'rule edit': `/rules/${RULE}?edit=1`,
    suppressions: '/rules?tab=suppressions',
    style: '/reports?tab=style',
    'hunt field': '/hunt?field=user&q=source:json',
    'hunt mistake': `/hunt?q=${encodeURIComponent(`user:(${TEXTS.reversed} ${TEXTS.markup}`)}`,
    'alerts grouped': '/alerts?group=rule',
    'alerts previewed': `/alerts?sel=${alerts[0]}`,
  });
});
test.afterAll(() => server.stop());

/** What is wrong with a page that shows hostile text. */
async function harm(page: Page, charsMax = Infinity): Promise<object> {
  return page.evaluate(
    ({ invisible, charsMax }) => {
      const signs = new RegExp(invisible);
      const texts: string[] = [];
      const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        const text = node.textContent ?? '';
        const at = text.search(signs);
        const around = node.parentElement;
        if (at >= 0) texts.push(`${around?.tagName}.${around?.className} ${text.slice(Math.max(at - 40, 0), at + 40)}`);
      }
      const spoken = [...document.querySelectorAll('[title], [aria-label], [placeholder], [alt]')].flatMap((element) =>
        ['title', 'aria-label', 'placeholder', 'alt'].map((name) => element.getAttribute(name) ?? ''),
      );
      const ran =
        '#content script, #content style, img:not([src^="/"]):not([src^="data:"]), [onerror], iframe[src^="data:"]';
      return {
        pwned: 'pwned' in window,
        planted: [...document.querySelectorAll(ran)].map(
          (element) => `${element.tagName} ${element.getAttributeNames().join()}`,
        ),
        links: [...document.querySelectorAll('a')].map((a) => a.href).filter((to) => !/^(https?|blob):|^$/.test(to)),
        hidden: texts.slice(0, 5),
        spoken: [document.title, ...spoken].filter((one) => signs.test(one)).map((one) => one.slice(0, 120)),
        tooLong: document.body.innerText.length > charsMax ? document.body.innerText.length : 0,
      };
    },
    { invisible: INVISIBLE.source, charsMax },
  );
}
const NONE = { pwned: false, planted: [], links: [], hidden: [], spoken: [], tooLong: 0 };

/** Clicks until nothing on the page is cut any more. */
async function showAll(page: Page): Promise<void> {
  const button = page.getByRole('button', { name: /^Show all/ });
  while ((await button.count()) > 0) await button.first().click();
}

/** Fails where a view does not answer its reader any more. */
async function expectAnswers(page: Page, name: string): Promise<void> {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard' }), `${name} answers a key`).toBeVisible();
  await page.getByRole('dialog').getByRole('button').first().click();
  await expect(page.getByRole('dialog'), name).toHaveCount(0);
}

test('dialogs, menus and the palette show it no less inertly', async ({ page }) => {
  const seen = watch(page, server.origin);
  page.on('dialog', () => expect(true, 'a dialog opened').toBe(false));
  await signIn(page, server);
  const called = Object.values(TEXTS).join(' ').slice(-58);
  await page.goto(`${server.origin}/alerts?severity=high`);
  const menu = page.getByRole('button', { name: 'Saved filters' });
  await menu.click();
  await page.getByPlaceholder('Save this filter').fill(called);
  await page.keyboard.press('Enter');
  const filter = page.getByRole('button', { name: plain(called).slice(0, 20) }).first();
  await filter.click();
  expect.soft(await harm(page), 'saved filters').toEqual(NONE);
  await page.keyboard.press('Escape');

  for (const name of ['Tag', 'Assignee', 'Rule', 'Account']) {
    await page.getByRole('button', { name: new RegExp(`^${name}:`) }).click();
    await page.waitForLoadState('networkidle');
    expect.soft(await harm(page), name).toEqual(NONE);
    await page.keyboard.press('Escape');
  }

  await page.keyboard.press('Control+k');
  await page.keyboard.type('case.title');
  await expect(page.locator('[role=option]').first()).toBeVisible();
  expect.soft(await harm(page), 'palette').toEqual(NONE);
  await page.keyboard.press('Escape');

  await page.goto(server.origin + (addresses['case'] ?? ''));
  for (const name of ['Merge alerts', 'Close the case']) {
    await page.getByRole('button', { name }).first().click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await page.waitForLoadState('networkidle');
    expect.soft(await harm(page), name).toEqual(NONE);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  }
  seen.isSilent();
});

test('what attackers write is shown whole and does nothing', async ({ page }) => {
  test.setTimeout(600_000);
  const seen = watch(page, server.origin);
  page.on('dialog', () => expect(true, 'a dialog opened').toBe(false));
  await signIn(page, server);
  for (const [name, address] of Object.entries(addresses)) {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(server.origin + address);
    await expect(page.getByRole('heading').first(), name).toBeVisible();
    await page.waitForLoadState('load');
    await expect(page.getByRole('status', { name: 'Loading…' }), name).toHaveCount(0);
    expect.soft(await harm(page, PAGE_CHARS_MAX), name).toEqual(NONE);
    planted.see(await page.evaluate(() => document.body.innerText));
    // All of what was cut.
    await showAll(page);
    expect.soft(await harm(page), `${name}, all of it`).toEqual(NONE);
    planted.see(await page.evaluate(() => document.body.innerText));
    await page.setViewportSize({ width: 390, height: 844 });
    await expectNoSideScroll(page, name);
    await expectAnswers(page, name);
    seen.isSilent();
  }
  expect(planted.unseen(), 'fields that no view shows whole').toEqual([]);
});
