/**
 * How long the console takes with much behind it: `VIGIE_MEASURE=FOLDER npm run figures`, where the folder is a data folder
 * that was filled before (docs/measurements.md says how). It says what it saw and judges nothing; without a folder it is left out.
 */
import { execFileSync } from 'node:child_process';
import { expect, test, type Page } from '@playwright/test';
import { BINARY, startOn, type Server } from './server';
import { signIn } from './sign-in';
import { follow, settled } from './settled';

const FOLDER = process.env['VIGIE_MEASURE'] ?? '';
/** How often each thing is done. */
const RUNS = 10;
/** How many alerts a second arrive, and for how long. */
const RATE = 50;
const SECONDS = 20;
/** The names of tenants are those that `benches/desk` makes; the events of `ten_million` are of another one. */
const TENANT = 'client-00';
const EVENTS_TENANT = 'bench';

test.skip(FOLDER === '', 'VIGIE_MEASURE names no data folder');
test.setTimeout(1_200_000);

let server: Server;
test.beforeAll(async () => {
  const user = `measure-${Date.now()}`;
  const password = `a long one for ${user}`;
  server = await startOn(FOLDER, TENANT, (config) => {
    const admin = (...words: string[]): string =>
      execFileSync(BINARY, ['admin', ...words, '--config', config], { input: `${password}\n`, encoding: 'utf8' });
    admin('add-user', user, '--role', 'admin');
    try {
      admin('add-tenant', EVENTS_TENANT);
    } catch {
      // It is there from the last time.
    }
    return { user, password };
  });
});
test.afterAll(() => server.stop());

interface Seen {
  what: string;
  median: number;
  worst: number;
  runs: number;
}

function say(what: string, times: number[]): void {
  const sorted = [...times].sort((one, other) => one - other);
  const at = (share: number): number => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
  const seen: Seen = { what, median: at(0.5), worst: at(1), runs: sorted.length };
  process.stdout.write(`${JSON.stringify(seen)}\n`);
}

const VIEWS: Record<string, string> = {
  'overview, 7 days': '/',
  'overview, 90 days': '/?range=90d',
  'queue, what is open': '/alerts',
  'queue, everything': '/alerts?status=any',
  'queue, everything, grouped by rule': '/alerts?status=any&group=rule',
  cases: '/cases',
  'cases, everything': '/cases?status=all',
  'hunt, everything': '/hunt?from=all',
  rules: '/rules',
  response: '/response',
};

test('first useful paint of the views', async ({ page }) => {
  await follow(page);
  await signIn(page, server);
  for (const [name, address] of Object.entries(VIEWS)) {
    const [useful, whole]: [number[], number[]] = [[], []];
    for (let run = 0; run < RUNS; run++) {
      await page.goto(server.origin + address);
      const times = await settled(page);
      // A view that has nothing to show has no such moment.
      if (times.useful > 0) useful.push(times.useful);
      whole.push(times.last);
    }
    if (useful.length > 0) say(`${name}: first row or figure`, useful);
    say(`${name}: nothing changes any more`, whole);
  }
});

async function groups(by: string): Promise<string[]> {
  const answer = await server.api('GET', `/api/v1/alerts/groups?by=${by}`);
  const body = (await answer.json()) as { groups: { value: string }[] };
  return body.groups.map((group) => group.value).filter((value) => value !== '');
}

/** Returns a condition of each kind, on a value that many have and on one that few have, and each pair. */
async function conditions(): Promise<string[]> {
  const single = ['severity:critical', 'severity:low', 'status:new', 'status:closed'];
  for (const by of ['assignee', 'tag', 'source', 'rule']) {
    const values = await groups(by);
    for (const value of [values[0], values[Math.floor(values.length / 2)]]) single.push(`${by}:"${value ?? ''}"`);
  }
  const ago = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString();
  single.push(
    `created:>=${ago(7)}`,
    `created:>=${ago(365)} AND created:<${ago(180)}`,
    'password',
    'ip:198.51.100.0/24',
  );
  const pairs = single.flatMap((one, at) => single.slice(at + 1).map((other) => `${one} AND ${other}`));
  return [...single, ...pairs];
}

async function apply(page: Page, condition: string): Promise<number> {
  await page.getByRole('searchbox').first().fill(condition);
  const since = await page.evaluate(() => performance.now());
  await page.keyboard.press('Enter');
  return (await settled(page)).last - since;
}

test('filters of the queue', async ({ page }) => {
  await follow(page);
  await signIn(page, server);
  await page.goto(`${server.origin}/alerts?status=any`);
  await settled(page);
  const all: number[] = [];
  const slow: [string, number][] = [];
  for (const condition of await conditions()) {
    const time = await apply(page, condition);
    all.push(time);
    slow.push([condition, time]);
  }
  say('a filter of the queue, alone and in pairs, over a million', all);
  slow.sort(([, one], [, other]) => other - one);
  for (const [condition, time] of slow.slice(0, 5)) say(`… ${condition}`, [time]);
  await apply(page, '');
  for (const name of ['Assignee', 'Rule', 'Tag', 'Source', 'Host', 'Account', 'Address']) {
    const button = page.getByRole('button', { name: new RegExp(`^${name}`) }).first();
    const times: number[] = [];
    for (let run = 0; run < 3; run++) {
      const since = await page.evaluate(() => performance.now());
      await button.click();
      times.push((await settled(page)).last - since);
      await page.keyboard.press('Escape');
    }
    say(`the menu ${name}, with its counts over a million`, times);
  }
});

test('alerts that arrive live', async ({ page }) => {
  const made = await server.api('POST', '/api/v1/keys', {
    name: `feeder ${Date.now()}`,
    role: 'analyst',
    tenants: { only: [TENANT] },
  });
  const { secret: key } = (await made.json()) as { secret: string };
  await signIn(page, server);
  await page.goto(`${server.origin}/alerts`);
  await expect(page.locator('tr.alert').first()).toBeVisible();
  await page.evaluate(() => {
    const gaps: number[] = [];
    const long: number[] = [];
    let before = performance.now();
    const frame = (): void => {
      const now = performance.now();
      gaps.push(now - before);
      before = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    new PerformanceObserver((list) => long.push(...list.getEntries().map((entry) => entry.duration))).observe({
      entryTypes: ['longtask'],
    });
    Object.assign(window, { gaps, long });
  });
  const steps: number[] = [];
  let sent = 0;
  const began = Date.now();
  const feed = async (): Promise<void> => {
    const sending: Promise<unknown>[] = [];
    while (sent < RATE * SECONDS) {
      const alert = {
        type: 'external',
        source: 'figures',
        sourceRef: `${began}-${sent}`,
        title: `Live ${sent}`,
        description: 'x',
      };
      sending.push(server.api('POST', '/api/v1/alert', alert, key).then((answer) => expect(answer.status).toBe(201)));
      sent += 1;
      const ahead = began + (sent * 1000) / RATE - Date.now();
      if (ahead > 0) await new Promise((resolve) => setTimeout(resolve, ahead));
    }
    await Promise.all(sending);
  };
  const feeding = feed();
  while (sent < RATE * SECONDS) {
    steps.push(
      await page.evaluate(
        () =>
          new Promise<number>((resolve) => {
            const since = performance.now();
            document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', bubbles: true }));
            requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - since)));
          }),
      ),
    );
    await page.waitForTimeout(300);
  }
  await feeding;
  const seconds = (Date.now() - began) / 1000;
  const { gaps, long } = await page.evaluate(() => ({
    gaps: Reflect.get(window, 'gaps') as number[],
    long: Reflect.get(window, 'long') as number[],
  }));
  say(`between two frames while ${Math.round(sent / seconds)} alerts a second arrive`, gaps);
  say('a task of more than 50 ms meanwhile', long.length > 0 ? long : [0]);
  say('from a key to the frame after it', steps);
});
