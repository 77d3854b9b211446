import { readFileSync } from 'node:fs';
import { expect, test, type Page } from '@playwright/test';
import { tell, type Demo, type Told } from './demo';
import { watch } from './watch';

let demo: Demo;
let told: Told;
test.beforeAll(async () => {
  test.setTimeout(150_000);
  demo = await tell();
  told = demo.told;
});
test.afterAll(() => demo?.stop());

const set = (count: number): string => new Intl.NumberFormat('en').format(count);

/** Opens a view and waits until it has read what it shows. */
async function open(page: Page, path: string): Promise<void> {
  await page.goto(demo.origin + path);
  await expect(page.getByRole('heading').first()).toBeVisible();
  await expect(page.getByRole('status', { name: 'Loading…' })).toHaveCount(0);
}

test('the link at the end of the story signs in once, and the console tells the same', async ({ page, browser }) => {
  const seen = watch(page, demo.origin);
  await page.goto(told.link);
  await expect(page.locator('#content')).toBeVisible();
  expect(page.url(), 'the token is gone from the address').toBe(`${demo.origin}/`);

  await test.step('the overview', async () => {
    await expect(page.getByText(`${set(told.alerts.length)} raised`)).toBeVisible();
    await expect(page.getByText(new RegExp(`^${set(told.events)} .* ${set(told.events)} kept in all`))).toBeVisible();
    const tile = (name: string) => page.locator('a.tile', { hasText: name });
    const waiting = told.alerts.filter((alert) => alert.case === '–').length;
    await expect(tile('New alerts').locator('strong')).toHaveText(set(waiting));
    await expect(tile('New alerts')).toContainText(`of ${set(told.alerts.length)} open`);
    await expect(tile('Open cases').locator('strong')).toHaveText(set(told.cases.length));
    for (const source of told.sources)
      await expect(page.getByRole('link', { name: source, exact: true })).toBeVisible();
    const ranks = page.locator('section', { hasText: 'Rules that fired most' }).last().locator('li');
    expect(await ranks.count()).toBeGreaterThan(0);
    for (const rank of await ranks.allInnerTexts()) {
      const [rule = '', count = ''] = rank.split('\n').map((part) => part.trim());
      expect(told.alerts.filter((alert) => alert.title.startsWith(`${rule}: `)).length, rule).toBe(Number(count));
    }
  });

  await test.step('the queue', async () => {
    await open(page, '/alerts?status=any');
    await expect(page.locator('tr.alert')).toHaveCount(told.alerts.length);
    const shown = await page.locator('tr.alert').evaluateAll((all) =>
      all.map((row) => {
        const cell = (name: string): string => (row.querySelector(name) as HTMLElement | null)?.innerText.trim() ?? '';
        return {
          severity: cell('.severity'),
          findings: Number(cell('.count')),
          case: cell('.case'),
          title: cell('[data-title]'),
        };
      }),
    );
    const bySame = (left: { title: string }, right: { title: string }): number => (left.title < right.title ? -1 : 1);
    const numbered = told.alerts.map((alert) => ({ ...alert, case: alert.case === '–' ? '' : `#${alert.case}` }));
    expect(shown.sort(bySame)).toEqual(numbered.sort(bySame));
    expect(
      shown.reduce((sum, alert) => sum + alert.findings, 0),
      'findings',
    ).toBe(told.findings);
    const listed = told.alerts.map((alert) => `${alert.severity} ${alert.title}`).sort();
    const raised = told.asItHappened.alerts.map((alert) => `${alert.severity} ${alert.title}`).sort();
    expect(raised, 'as it happened').toEqual(listed);
  });

  for (const one of told.cases) await test.step(`case ${one.number}`, () => expectCase(page, one));
  expect(told.asItHappened.cases).toEqual(expect.arrayContaining(told.cases.map((one) => one.title)));

  await test.step('the answers', async () => {
    await open(page, '/response?tab=all');
    await expect(page.locator('#content li:has(button.name)')).toHaveCount(told.actions.length);
    const shown = await page.locator('#content li:has(button.name)').evaluateAll((all) =>
      all.map((item) => {
        const [summary = '', status = ''] = (item as HTMLElement).innerText.split('\n').map((part) => part.trim());
        return `${status}: ${summary}`;
      }),
    );
    const planned = told.actions.map((action) => `${action.status}: ${action.summary}`).sort();
    expect(shown.sort()).toEqual(planned);
    expect([...told.asItHappened.actions].sort(), 'as it happened').toEqual(planned);
  });

  await test.step('the report', async () => {
    const html = readFileSync(told.report, 'utf8');
    for (const part of [set(told.events), ...told.cases.map((one) => one.title)]) expect(html).toContain(part);
    await open(page, '/reports?tab=make&kind=weekly');
    await expect(page.frameLocator('iframe').getByText(set(told.events)).first()).toBeVisible();
  });
  seen.isSilent();

  await test.step('the link again', async () => {
    const other = await (await browser.newContext()).newPage();
    await other.goto(told.link);
    await expect(other.getByLabel('Password')).toBeVisible();
    await expect(other.locator('#content')).toHaveCount(0);
    await other.context().close();
  });
});

async function expectCase(page: Page, one: Told['cases'][number]): Promise<void> {
  await open(page, '/cases?status=all');
  await expect(page.locator('tbody tr')).toHaveCount(told.cases.length);
  const row = page.locator('tbody tr', { hasText: `#${one.number} ` });
  await expect(row.getByText(one.severity)).toBeVisible();
  await row.getByRole('link', { name: one.title }).click();
  await expect(page.getByRole('heading', { level: 1, name: one.title })).toBeVisible();
  await expect(page.getByRole('heading', { name: `Alerts ${one.alerts}` })).toBeVisible();
  expect(told.alerts.filter((alert) => alert.case === one.number)).toHaveLength(one.alerts);
  const at = page.url().replace(demo.origin, '');

  await open(page, `${at}?tab=observables`);
  await expect(page.locator('tbody tr')).toHaveCount(one.observablesInAll);
  for (const value of one.observables) await expect(page.getByText(value, { exact: true }).first()).toBeVisible();

  await open(page, `${at}?tab=timeline`);
  const more = page.getByRole('button', { name: /more$/ });
  while ((await more.count()) > 0) await more.first().click();
  const entries = await page.locator('ol > li:has(> time)').evaluateAll((all) =>
    all.map((item) => ({
      kind: item.className.split(' ')[0],
      time: item.querySelector('time')?.dateTime.slice(0, 19) ?? '',
      text: (item as HTMLElement).innerText.replace(/\s+/g, ' '),
    })),
  );
  for (const entry of one.timeline) {
    const isShown = entries.some((shown) => shown.time === entry.time && shown.text.includes(entry.text));
    expect(isShown, `${entry.time} ${entry.text}`).toBe(true);
  }
  // When each alert was raised is told as it happened.
  expect(entries.filter((shown) => shown.kind !== 'alert')).toHaveLength(one.timelineInAll);
}
