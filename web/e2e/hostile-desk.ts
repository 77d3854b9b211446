/** Alerts of other programs, a case, and the house's own lists, with hostile text in every field. */
import { expect } from '@playwright/test';
import { RULE, sender } from './hostile-fields';
import { MEGABYTE, TEXTS, type Planted } from './hostile-texts';
import type { Server } from './server';

/** More than any text of an alert or case may have, and as much as a description may. */
export const PROSE = MEGABYTE.slice(0, 99_000);

/** A field that the client has defined. */
const OWN_FIELD = 'hostile<b>field';

function idOf(answer: Record<string, unknown>): string {
  // TheHive's door says `_id`, `~` and a number.
  return String(answer['id'] ?? answer['_id'] ?? '');
}

/** Asks TheHive's API in an organisation, which knows names and passwords, and no sessions of ours. */
export function theirs(server: Server, organisation: string): Server['api'] {
  const pair = Buffer.from(`${server.user}:${server.password}`).toString('base64');
  const headers = {
    ...{ authorization: `Basic ${pair}`, 'x-organisation': organisation, 'content-type': 'application/json' },
  };
  return (method, path, body) => fetch(server.origin + path, { method, headers, body: JSON.stringify(body) });
}

/** Defines the field, once for the server. */
async function defineOwnField(server: Server): Promise<void> {
  const answer = await theirs(server, 'admin')('POST', '/api/v1/customField', {
    name: OWN_FIELD,
    displayName: TEXTS.markup,
    group: TEXTS.reversed,
    description: TEXTS.control,
    type: 'string',
  });
  expect(answer.ok || (await answer.text()).includes('already')).toBe(true);
}

/** Alerts through both versions of TheHive's API; returns their ids as our own API says them. */
export async function alertsOfOthers(server: Server, planted: Planted): Promise<string[]> {
  const ask = theirs(server, 'acme');
  const send = sender(ask);
  await defineOwnField(server);
  await send('POST', '/api/v1/alert', {
    type: planted.all('alert.type').slice(0, 256),
    source: planted.all('alert.source').slice(0, 256),
    sourceRef: planted.all('alert.sourceRef').slice(0, 256),
    title: planted.all('alert.title'),
    description: `${planted.all('alert.description')} ${PROSE}`,
    externalLink: `https://siem.example/?q=${encodeURIComponent(TEXTS.markup)}`,
    tags: planted.each('alert.tags'),
    summary: TEXTS.nul,
    customFields: [{ name: OWN_FIELD, value: planted.all('alert.customFields') }],
    observables: planted
      .each('alert.observables')
      .map((data) => ({ dataType: 'other', data, message: data, tags: [data] })),
    procedures: [
      { patternId: 'T1059', tactic: TEXTS.nul, occurDate: Date.now(), description: Object.values(TEXTS).join(' ') },
    ],
  });
  await send('POST', '/api/alert', {
    type: 'old',
    source: planted.all('alertV0.source').slice(0, 256),
    sourceRef: 'old-1',
    title: planted.all('alertV0.title'),
    description: planted.all('alertV0.description'),
    customFields: { [OWN_FIELD]: { string: TEXTS.nul } },
    artifacts: [
      ...planted.each('alertV0.artifacts').map((data) => ({ dataType: 'other', data, message: data, tags: [data] })),
      { dataType: 'file', data: `${TEXTS.reversed}.txt;text/html;${Buffer.from(TEXTS.markup).toString('base64')}` },
    ],
  });
  for (const path of ['/api/v1/alert', '/api/alert']) {
    for (const externalLink of [
      'javascript:window.pwned=1',
      ' java\tscript:alert(1)',
      'data:text/html,<script>1</script>',
    ]) {
      const refused = await ask('POST', path, {
        ...{ type: 't', source: 's', sourceRef: externalLink, title: 't', description: 'd' },
        externalLink,
      });
      expect(refused.status, externalLink).toBe(400);
      expect(await refused.text()).toContain('externalLink');
    }
  }
  const found = (await (await server.api('GET', '/api/v1/alerts?limit=50')).json()) as { rows: { id: string }[] };
  return found.rows.map((row) => row.id);
}

/** A case with something hostile under each of its tabs. */
export async function caseOf(server: Server, planted: Planted): Promise<string> {
  const ask = theirs(server, 'acme');
  const send = sender(server.api);
  const found = await send('POST', '/api/v1/cases', {
    title: planted.all('case.title'),
    description: `${planted.all('case.description')} ${PROSE}`,
    severity: 'critical',
    tenant: 'acme',
    tags: planted.each('case.tags'),
  });
  const id = idOf(found);
  const at = `/api/v1/cases/${id}`;
  await send('POST', `${at}/comments`, { text: planted.all('case.comment') });
  // As many signs that cannot be seen as a comment may have: each is shown as a mark of its own.
  await send('POST', `${at}/comments`, { text: `many ${'\u0000\u202e'.repeat(49_000)}` });
  const task = await send('POST', `${at}/tasks`, {
    title: planted.all('task.title'),
    description: planted.all('task.description'),
    group: planted.printable('task.group'),
  });
  await send('POST', `/api/v1/tasks/${idOf(task)}/logs`, { text: planted.all('task.log') });
  for (const value of planted.each('case.observables')) {
    const message = planted.all(`case.observables.message${value.length}`);
    await send('POST', `${at}/observables`, { kind: 'other', value, tags: [value], message });
  }
  await send('POST', `${at}/timeline`, { text: planted.all('case.timeline') });
  for (const name of planted.fileNames('case.file')) {
    const file = new FormData();
    file.append('attachments', new Blob([TEXTS.markup], { type: 'text/html' }), name);
    await send('POST', `${at}/attachments`, file);
  }
  await defineOwnField(server);
  // TheHive's door names it by the same number in decimal.
  const theirCase = `/api/v1/case/~${BigInt(`0x${id}`)}`;
  await sender(ask)('POST', `${theirCase}/page`, {
    ...{ title: TEXTS.markup, content: Object.values(TEXTS).join(' '), category: TEXTS.reversed },
  });
  await sender(ask)('PATCH', theirCase, {
    customFields: [{ name: OWN_FIELD, value: planted.all('case.customFields') }],
  });
  return id;
}

/** The names of clients, people, lists and rules; where a name must be printable, what is not is refused with its field. */
export async function settingsOf(server: Server, planted: Planted): Promise<void> {
  const send = sender(server.api);
  const only = { only: ['acme'] };
  await send('POST', '/api/v1/tenants', { id: 'globex', name: planted.printable('client.name') });
  await send('POST', '/api/v1/users', {
    ...{ name: planted.printable('user.name'), password: 'a password of somebody', role: 'analyst', tenants: only },
  });
  await send('POST', '/api/v1/keys', { name: planted.printable('key.name'), role: 'ingest', tenants: only });
  await send('POST', '/api/v1/notification-rules', {
    ...{ tenant: 'acme', name: planted.all('notification.name'), trigger: 'case_created', severity_min: 'low' },
    ...{ channel: { kind: 'email', to: ['soc@acme.example'] }, subject: TEXTS.markup, body: TEXTS.nul },
  });
  await send('POST', '/api/v1/suppressions', {
    tenant: 'acme',
    rule: RULE,
    conditions: [{ is: 'value', kind: 'user', value: planted.all('suppression.value') }],
    reason: planted.all('suppression.reason'),
    expires: new Date(Date.now() + 86_400_000).toISOString(),
  });
  await send('POST', '/api/v1/events/holds', { tenant: 'acme', reason: planted.all('hold.reason') });
  const list = encodeURIComponent(planted.printable('indicators.list'));
  await server.api('POST', `/api/v1/indicators?tenant=acme&list=${list}&format=csv`, 'value\nevil.example\n');
  await send('PUT', '/api/v1/report-style?tenant=acme', { name: TEXTS.markup.slice(0, 50), language: 'en' });
  const refused: [string, object, string][] = [
    ['/api/v1/tenants', { id: 'other', name: TEXTS.nul }, 'name'],
    ['/api/v1/users', { name: TEXTS.nul, password: 'a password of somebody', role: 'reader', tenants: only }, 'name'],
    ['/api/v1/keys', { name: TEXTS.nul, role: 'ingest', tenants: only }, 'name'],
  ];
  for (const [path, body, field] of refused) {
    const answer = await server.api('POST', path, body);
    expect(answer.status, path).toBe(400);
    expect(await answer.text(), path).toContain(`"field":"${field}"`);
  }
}
