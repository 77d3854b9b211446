import { expect, test } from 'vitest';
import { byUrgency, parametersOf, secondsLeft, targetOf, verbs, type Action } from './action';

const target = { kind: 'ip', value: '203.0.113.7', role: 'source' } as const;

test.each([
  // Where an action is in its life, as the server allows its steps.
  ['planned', 'enforce', ['approve', 'reject']],
  ['awaiting_approval', 'enforce', ['approve', 'reject']],
  ['approved', 'enforce', ['reject']],
  ['executing', 'enforce', []],
  ['done', 'enforce', ['undo']],
  ['failed', 'enforce', ['run', 'reject']],
  ['refused', 'enforce', []],
  ['rejected', 'enforce', []],
  ['simulated', 'enforce', []],
  ['undone', 'enforce', []],
  ['expired', 'enforce', []],
  // A dry run refuses to run anything again, and approving simulates.
  ['failed', 'dry_run', ['reject']],
  ['awaiting_approval', 'dry_run', ['approve', 'reject']],
] as const)('a block that is %s while the server is in %s can be: %j', (status, mode, expected) => {
  expect(verbs({ status, target, expires_after_s: 3600 }, mode)).toEqual(expected);
});

test.each([
  ['a block with an end', { target, expires_after_s: 3600 }, ['undo']],
  ['a key disabled until undone', { target, expires_after_s: null }, ['undo']],
  ['a mail', { target: null, expires_after_s: null }, []],
] as const)('once it is done, %s can be: %j', (_, action, expected) => {
  expect(verbs({ status: 'done', ...action }, 'enforce')).toEqual(expected);
});

test('what waits comes first, then the newest', () => {
  const action = (id: string, status: Action['status'], created: string): Action =>
    ({ id, status, created }) as unknown as Action;
  const sorted = byUrgency([
    action('old', 'done', '2026-01-01T00:00:00Z'),
    action('new', 'done', '2026-01-03T00:00:00Z'),
    action('waits', 'awaiting_approval', '2026-01-02T00:00:00Z'),
  ]);
  expect(sorted.map((one) => one.id)).toEqual(['waits', 'new', 'old']);
});

test('parameters are text', () => {
  expect(parametersOf({ parameters: { ip: '203.0.113.7', to: ['a@b.example'] } })).toEqual([
    ['ip', '203.0.113.7'],
    ['to', '["a@b.example"]'],
  ]);
});

test('time left ends at nothing', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  expect(secondsLeft('2026-01-01T00:01:00Z', now)).toBe(60);
  expect(secondsLeft('2025-01-01T00:00:00Z', now)).toBe(0);
  expect(secondsLeft(null, now)).toBeNull();
});

test('a target is its kind and value', () => {
  expect(targetOf({ target })).toBe('ip 203.0.113.7');
  expect(targetOf({})).toBe('');
});
