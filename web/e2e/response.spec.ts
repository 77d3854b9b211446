import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { signIn } from './sign-in';
import { start, withSamples, type Server } from './server';
import { watch } from './watch';

const PLAYBOOK = `name: Block who guesses passwords
description: An address that guesses passwords is blocked once an analyst says so.
trigger:
  tags: [attack.t1110]
  severity: medium
  entities: [source.ip, host]
actions:
  - do: host.block_ip
    with: {ip: "{{attacker.ip}}"}
    approval: analyst
    expires: 1h
`;

/** What is blocked by the firewall of this machine, as text. */
function blocked(): string {
  return execFileSync('nft', ['list', 'ruleset'], { encoding: 'utf8' });
}

function hasFirewall(): boolean {
  try {
    blocked();
    return true;
  } catch {
    return false;
  }
}

const isRequired = process.env['VIGIE_REQUIRE_NFT'] !== undefined;
let server: Server;
let folder: string;

test.skip(!hasFirewall() && !isRequired, 'skipped: needs nftables and the right to change the firewall');

test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vigie-playbooks-'));
  writeFileSync(join(folder, 'block.yml'), PLAYBOOK);
  // The addresses of the samples are from ranges for examples, so nobody is shut out.
  server = await start(`[playbooks]
builtin = false
folder = "${folder}"

[respond]
mode = "enforce"
`);
  await withSamples(server);
  await server.api('POST', '/api/v1/setup', {});
});
test.afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('an action is approved, holds, and is taken back', async ({ page }) => {
  const seen = watch(page, server.origin);
  await signIn(page, server);
  await page.goto(`${server.origin}/response`);
  const waiting = page.locator('li.panel').first();
  await expect(waiting).toBeVisible();
  const address = /\d+\.\d+\.\d+\.\d+/.exec((await waiting.textContent()) ?? '')?.[0] ?? '';
  expect(address).not.toBe('');
  expect(blocked()).not.toContain(address);

  await waiting.getByRole('button', { name: 'Approve' }).click();
  const dialog = page.getByRole('dialog', { name: 'Approve this action?' });
  await expect(dialog.getByText('Can touch')).toBeVisible();
  await dialog.getByRole('button', { name: 'Approve' }).click();
  await expect
    .poll(async () => (await server.api('GET', '/api/v1/actions?limit=3')).text(), { message: 'it is done' })
    .toContain('"status":"done"');
  expect(blocked(), 'the firewall drops it').toContain(address);

  await page.getByRole('link', { name: 'In force' }).click();
  const held = page.getByRole('row').filter({ hasText: address });
  await expect(held).toBeVisible();
  await expect(held.getByText(/59 mins|59 min|1 hr/)).toBeVisible();
  await held.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Undo' }).click();
  await expect.poll(blocked, { message: 'the firewall lets it pass again' }).not.toContain(address);
  await expect(held).toHaveCount(0);
  seen.isSilent();
});
