import { expect, test } from 'vitest';
import { commandFor } from './commands';

const place = { server: 'soc.example', origin: 'https://soc.example', tenant: 'acme', key: 'vigie_1_2' };

test.each([
  [
    'http',
    "Authorization: Bearer vigie_1_2' \\\n  --data-binary @/var/log/auth.log https://soc.example/api/v1/ingest/linux_auth",
  ],
  ['journal', '--data-binary @- https://soc.example/api/v1/ingest/linux_auth'],
  ['rsyslog', '@@soc.example:6514'],
  ['listener', 'tenant = "acme"'],
] as const)('%s says where and what', (kind, part) => {
  expect(commandFor(kind, place)).toContain(part);
});

test('the port is that of the listener', () => {
  expect(commandFor('rsyslog', { ...place, syslog: 'tcp/[::]:514' })).toContain('@@soc.example:514');
});
