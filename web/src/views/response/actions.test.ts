import { expect, test } from 'vitest';
import { secondsLeft, targetOf, verbs } from './actions';

test.each([
  ['awaiting_approval', ['approve', 'reject']],
  ['failed', ['run']],
  ['done', ['undo']],
  ['undone', []],
  ['simulated', []],
] as const)('an action that is %s can be: %j', (status, expected) => {
  expect(verbs({ status })).toEqual(expected);
});

test('time left ends at nothing', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  expect(secondsLeft('2026-01-01T00:01:00Z', now)).toBe(60);
  expect(secondsLeft('2025-01-01T00:00:00Z', now)).toBe(0);
  expect(secondsLeft(null, now)).toBeNull();
});

test('a target is its kind and value', () => {
  expect(targetOf({ target: { kind: 'ip', value: '203.0.113.7', role: 'source' } })).toBe('ip 203.0.113.7');
  expect(targetOf({})).toBe('');
});
