/** Fills every field that takes text from outside or from a person with what attackers would write there. */
import { expect } from '@playwright/test';
import { MEGABYTE, TEXTS, type Planted } from './hostile-texts';
import type { Server } from './server';

type Answer = Record<string, unknown>;

/** A sender that fails where it is refused. */
export function sender(ask: Server['api']): (method: string, path: string, body: unknown) => Promise<Answer> {
  return async (method, path, body) => {
    const answer = await ask(method, path, body);
    const text = await answer.text();
    expect(answer.ok, `${method} ${path}: ${answer.status} ${text.slice(0, 500)}`).toBe(true);
    return text ? (JSON.parse(text) as Answer) : {};
  };
}

/** The rule's id, as its text says it. */
export const RULE = '7d4f0e3a-6a55-4f0e-9b58-0d4a3f0f7c11';

/** A relay that nobody reaches: rules of notices ask for one. */
export const RELAY = `[smtp]
server = "127.0.0.1"
port = 9
security = "plain"
from = "vigie@acme.example"
to = ["soc@acme.example"]
`;

/** A rule of the analysts, whose every word is hostile, and the events that it matches: the longest there can be. Waits for their alerts. */
export async function rulesAndEvents(server: Server, planted: Planted): Promise<void> {
  const send = sender(server.api);
  const quoted = (field: string): string => JSON.stringify(planted.all(field));
  const yaml = `title: ${JSON.stringify(planted.all('rule.title').slice(0, 250))}
id: ${RULE}
status: experimental
level: high
description: ${quoted('rule.description')}
author: ${quoted('rule.author')}
references:
  - javascript:window.pwned=1
  - ${quoted('rule.references')}
falsepositives:
  - ${quoted('rule.falsepositives')}
tags: [attack.execution, attack.t1059]
logsource: {product: linux, category: process_creation}
detection:
  chosen: {CommandLine|contains: hostile}
  condition: chosen
`;
  const event = (more: object): string =>
    JSON.stringify({ time: new Date().toISOString(), CommandLine: 'hostile', ...more });
  const match = { source: 'json', text: event({}) };
  await send('PUT', '/api/v1/rules/own/hostile-words', { yaml, tests: { match: [match], ignore: [] } });
  const ingest = '/api/v1/ingest/json?product=linux&category=process_creation';
  const events = [
    event({
      user: planted.all('event.user'),
      message: planted.all('event.message'),
      CommandLine: 'hostile',
      command_line: planted.all('event.command'),
      exe: planted.all('event.process'),
      hostname: planted.all('event.host'),
      url: planted.all('event.url'),
      [TEXTS.markup]: TEXTS.reversed,
      nested: { [TEXTS.reversed]: [TEXTS.control, TEXTS.nul] },
    }),
    event({ message: MEGABYTE }),
    event({ CommandLine: `hostile ${MEGABYTE}` }),
    // An escape takes six bytes, so this is as many as a record holds.
    event({ message: '\u0000\u202e'.repeat(80_000) }),
  ];
  for (const one of events) await send('POST', ingest, one);
  const lines = [
    `sshd[1]: Failed password for invalid user ${TEXTS.markup} from 203.0.113.9 port 4 ssh2`,
    `sshd[1]: before\u0000after ${TEXTS.reversed} ${TEXTS.control}`,
  ];
  const stamped = lines.map((line) => `Nov 27 08:00:00 web-01 ${line}\n`);
  await send('POST', '/api/v1/ingest/linux_auth', (stamped[0] ?? '').repeat(12) + stamped[1]);
  // What cannot be read is kept, and looked at too.
  await send('POST', '/api/v1/ingest/json', `{"broken": "${TEXTS.markup.replaceAll('"', "'")}`);
  await expect
    .poll(async () => ((await (await server.api('GET', '/api/v1/alerts?limit=1')).json()) as { total: number }).total)
    .toBeGreaterThanOrEqual(2);
}
