import { describe, expect, test } from 'vitest';
import { about, compare, exclude, include, parts } from './pivot';

test.each([
  ['root', 'user:root'],
  ['203.0.113.9', 'user:203.0.113.9'],
  ['2001:db8::1', 'user:"2001:db8::1"'],
  ['Jane Doe', 'user:"Jane Doe"'],
  ['*', 'user:"*"'],
  ['say "hi"', 'user:"say \\"hi\\""'],
  ['AND', 'user:"AND"'],
  ['-x', 'user:"-x"'],
  ['C:\\Windows\\', 'user:C??Windows?'],
  ['C:\\Windows\\cmd.exe', 'user:"C:\\Windows\\cmd.exe"'],
  ['', 'user:""'],
])('%s is compared', (value, expected) => expect(compare('user', value)).toBe(expected));

describe('parts', () => {
  test.each([
    ['', []],
    ['a', ['a']],
    ['a AND b && c', ['a', 'b', 'c']],
    ['(a AND b) AND c', ['(a AND b)', 'c']],
    ['"a AND b" AND c', ['"a AND b"', 'c']],
    ['a AND b OR c', ['a AND b OR c']],
    ['(a OR b) AND NOT c', ['(a OR b)', 'NOT c']],
    ['a b AND c', ['a b', 'c']],
  ])('of %s', (query, expected) => expect(parts(query)).toEqual(expected));
});

test.each([
  ['', 'user:root', 'NOT user:root'],
  ['user:root', 'user:root', 'NOT user:root'],
  ['NOT user:root', 'user:root', 'NOT user:root'],
  ['sudo AND user:root AND x', 'sudo AND x AND user:root', 'sudo AND x AND NOT user:root'],
  ['a OR b', '(a OR b) AND user:root', '(a OR b) AND NOT user:root'],
  ['(a OR b)', '(a OR b) AND user:root', '(a OR b) AND NOT user:root'],
])('%j is narrowed', (query, included, excluded) => {
  expect(include(query, 'user', 'root')).toBe(included);
  expect(exclude(query, 'user', 'root')).toBe(excluded);
});

test('lists of alerts are asked with their own language', () => {
  expect(about('203.0.113.9')).toBe('entity:"203.0.113.9"');
  expect(about('a "b" c')).toBe('entity:a??b??c');
});
