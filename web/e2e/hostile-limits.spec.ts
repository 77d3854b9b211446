import { expect, test } from '@playwright/test';
import { theirs } from './hostile-desk';
import { start, type Server } from './server';

let server: Server;
let at = '';
let task = '';
test.beforeAll(async () => {
  server = await start();
  await server.api('POST', '/api/v1/setup', {});
  const made = async (path: string, body: object): Promise<string> =>
    ((await (await server.api('POST', path, body)).json()) as { id: string }).id;
  at = `/api/v1/cases/${await made('/api/v1/cases', { title: 'A case', tenant: 'acme' })}`;
  task = `/api/v1/tasks/${await made(`${at}/tasks`, { title: 'A task' })}`;
});
test.afterAll(() => server.stop());

/** Signs that take most bytes on the wire: an escape of six for each. */
const text = (chars: number): string => '\u0000'.repeat(chars);

/** What holds a text: the method and address, the field, how many characters it takes, and the rest of the body. */
const FIELDS: [string, () => string, string, number, object?][] = [
  ['POST', () => '/api/v1/cases', 'title', 512, { tenant: 'acme' }],
  ['POST', () => '/api/v1/cases', 'description', 100_000, { tenant: 'acme', title: 't' }],
  ['PATCH', () => at, 'title', 512],
  ['PATCH', () => at, 'description', 100_000],
  ['POST', () => `${at}/comments`, 'text', 100_000],
  ['POST', () => `${at}/tasks`, 'title', 512],
  ['POST', () => `${at}/tasks`, 'description', 100_000, { title: 't' }],
  ['POST', () => `${at}/tasks`, 'group', 128, { title: 't' }],
  ['PATCH', () => task, 'title', 512],
  ['PATCH', () => task, 'description', 100_000],
  ['POST', () => `${task}/logs`, 'text', 100_000],
  ['POST', () => `${at}/timeline`, 'text', 100_000],
  ['POST', () => `${at}/observables`, 'value', 4_096, { kind: 'other' }],
  ['POST', () => `${at}/observables`, 'message', 100_000, { kind: 'other', value: 'm' }],
];

test('a text as long as may be is taken, and one sign more is refused by the name of its field', async () => {
  for (const [method, path, field, max, rest] of FIELDS) {
    const where = `${method} ${path()} ${field}`;
    const asked = async (chars: number): Promise<Response> =>
      server.api(method, path(), { ...rest, [field]: text(chars) });
    const taken = await asked(max);
    expect.soft(taken.status, `${where}: ${max} ${(await taken.text()).slice(0, 300)}`).toBeLessThan(300);
    const refused = await asked(max + 1);
    const problem = (await refused.json()) as { detail: string; errors?: { field: string }[] };
    expect.soft(refused.status, where).toBe(400);
    expect
      .soft(
        problem.errors?.map((one) => one.field),
        `${where}: ${problem.detail}`,
      )
      .toEqual([field]);
    expect.soft(problem.detail, where).toContain(String(max));
  }
});

/** The same through TheHive's door, whose answer is a message. */
const THEIRS: [string, number, ((long: string) => object)?][] = [
  ['title', 512],
  ['description', 100_000],
  ['summary', 100_000],
  ['type', 256],
  ['source', 256],
  ['sourceRef', 256],
  ['externalLink', 2_048],
  ['tags', 128, (long) => ({ tags: [long] })],
  ['data', 4_096, (long) => ({ observables: [{ dataType: 'other', data: long }] })],
  ['message', 100_000, (long) => ({ observables: [{ dataType: 'other', data: 'd', message: long }] })],
  ['tactic', 64, (long) => ({ procedures: [{ patternId: 'T1059', occurDate: 1, tactic: long }] })],
];

test("an alert through TheHive's API is held to the same", async () => {
  const ask = theirs(server, 'acme');
  for (const [field, max, body] of THEIRS) {
    const asked = async (chars: number): Promise<Response> =>
      ask('POST', '/api/v1/alert', {
        ...{ type: 't', source: 's', sourceRef: `${field} ${chars}`, title: 't', description: 'd' },
        ...(body ? body(text(chars)) : { [field]: text(chars) }),
      });
    const taken = await asked(max);
    expect.soft(taken.status, `${field}: ${max} ${(await taken.text()).slice(0, 300)}`).toBe(201);
    const refused = await asked(max + 1);
    const message = ((await refused.json()) as { message: string }).message;
    expect.soft(refused.status, field).toBe(400);
    expect.soft(message, field).toContain(field);
    expect.soft(message, field).toContain(String(max));
  }
});

test('an event of more than a record may have is kept as a dead letter that says so', async () => {
  const send = (bytes: number): Promise<Response> =>
    server.api('POST', '/api/v1/ingest/json', JSON.stringify({ message: 'A'.repeat(bytes) }));
  expect(await (await send(1_000_000)).json()).toMatchObject({ accepted: 1, dead: 0 });
  expect(await (await send(1_048_577)).json()).toMatchObject({ accepted: 0, dead: 1 });
  const letters = async (): Promise<string> => (await server.api('GET', '/api/v1/dead-letters?limit=1')).text();
  await expect.poll(letters).toContain('"code":"too_long"');
  expect(await letters()).toMatch(/1048576/);
});
