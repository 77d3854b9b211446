import { expect, test } from 'vitest';
import { newer } from './newer';
import { reason } from './reason';
import { chief, sourceOf } from './row';

function at(version: number, second: number): { version: number; updated: string; last_finding: string } {
  const time = `2026-03-01T12:00:0${second}Z`;
  return { version, updated: time, last_finding: time };
}

test.each([
  ['a later version', at(1, 0), at(2, 0), 'told'],
  ['an earlier version that comes late', at(2, 1), at(1, 2), 'shown'],
  ['a finding that joined', at(1, 0), at(1, 1), 'told'],
  ['the same again', at(1, 0), at(1, 0), 'shown'],
])('%s', (_, shown, told, expected) => {
  expect(newer(shown, told)).toBe(expected === 'told' ? told : shown);
});

test('what is not told of stays', () => {
  const shown = at(1, 0);
  expect(newer(shown, undefined)).toBe(shown);
});

test('the commonest reason is given', () => {
  const outcomes = [
    { id: '1', outcome: 'done' as const },
    { id: '2', outcome: 'conflict' as const, why: 'it is closed' },
    { id: '3', outcome: 'not_found' as const, why: 'gone' },
    { id: '4', outcome: 'conflict' as const, why: 'it is closed' },
  ];
  expect(reason({ outcomes })).toEqual({ count: 3, why: 'it is closed' });
  expect(reason({ outcomes: outcomes.slice(0, 1) })).toEqual({ count: 0, why: '' });
});

test('who acts comes first', () => {
  const of = (role: 'source' | 'actor' | 'target' | 'related', kind: 'ip' | 'user' | 'host') => ({
    role,
    kind,
    value: kind,
  });
  const entities = [of('related', 'ip'), of('target', 'host'), of('actor', 'user'), of('source', 'ip')];
  expect(chief(entities).map((one) => one.role)).toEqual(['source', 'actor', 'target', 'related']);
});

test('the source is the program that sent it, or that of its events', () => {
  const sample = { id: '1', time: '', source: 'linux_auth', message: '' };
  expect(sourceOf({ samples: [sample] })).toBe('linux_auth');
  expect(sourceOf({ samples: [sample], origin: { kind: 'x', source: 'feeder', reference: '1' } })).toBe('feeder');
  expect(sourceOf({ samples: [] })).toBe('');
});
