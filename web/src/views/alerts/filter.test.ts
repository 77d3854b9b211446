import { expect, test } from 'vitest';
import { compare, conditionOf, join, narrowing, readFilter, split, statusParameter } from './filter';

const NOW = Date.parse('2026-03-01T12:00:42Z');

function condition(address: string): string {
  return conditionOf(readFilter(new URLSearchParams(address)), 'ann', NOW);
}

test.each([
  ['', '(status:"new" OR status:"in_progress")'],
  ['status=any', ''],
  ['status=closed&severity=high,critical', 'status:"closed" AND (severity:"high" OR severity:"critical")'],
  ['status=any&assignee=me', 'assignee:"ann"'],
  ['status=any&assignee=nobody', 'NOT assignee:*'],
  ['status=any&assignee=bob', 'assignee:"bob"'],
  ['status=any&q=ip:10.0.0.0/8', 'ip:10.0.0.0/8'],
  ['status=any&severity=low&q=a+OR+b', '(a OR b) AND severity:"low"'],
  ['status=any&tag=one\\,two,three', '(tag:"one,two" OR tag:"three")'],
  ['status=any&source=(none)', 'NOT source:*'],
  ['status=any&since=1h', 'created:>=2026-03-01T11:00:00.000Z'],
  [
    'status=any&from=2026-02-01T00:00:00Z&until=2026-02-02T00:00:00Z',
    'created:>=2026-02-01T00:00:00Z AND created:<2026-02-02T00:00:00Z',
  ],
])('%s is asked as %s', (address, expected) => {
  expect(condition(address)).toBe(expected);
});

test.each([[['a', 'b']], [['a,b', 'c\\d']], [['\\,', ',,']]])('values %j come back from the address', (values) => {
  expect(split(join(values))).toEqual(values);
});

test.each([
  ['plain value', 'title:"plain value"'],
  ['', 'NOT title:*'],
  ['say "hi" (x)', 'title:say??hi???x?'],
])('%s is compared safely', (value, expected) => {
  expect(compare('title', value)).toBe(expected);
});

test.each([
  [['new', 'in_progress'], null],
  [['closed'], 'closed'],
  [[], 'any'],
  [['new', 'in_progress', 'closed'], 'any'],
])('states %j are %s in the address', (states, expected) => {
  expect(statusParameter(states)).toBe(expected);
});

test('a group narrows the queue', () => {
  expect(narrowing('host', 'web,1')).toEqual({ group: null, host: 'web\\,1' });
  expect(narrowing('assignee', '')).toEqual({ group: null, assignee: 'nobody' });
  expect(narrowing('source', '')).toEqual({ group: null, source: '(none)' });
  expect(narrowing('tenant', 'acme')).toBeNull();
});
