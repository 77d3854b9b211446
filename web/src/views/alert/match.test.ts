import { expect, test } from 'vitest';
import { flatten, isMatched, layOut, mark, values } from './match';

function marked(text: string, wanted: string[]): string {
  return mark(text, wanted)
    .map((piece) => (piece.isHit ? `[${piece.text}]` : piece.text))
    .join('');
}

test.each([
  ['Failed password for root', ['root'], 'Failed password for [root]'],
  ['rooted root ROOT', ['root'], 'rooted [root] [ROOT]'],
  ['from 10.0.0.1 port 10.0.0.12', ['10.0.0.1'], 'from [10.0.0.1] port 10.0.0.12'],
  ['a login_failed b', ['login_failed', 'login'], 'a [login_failed] b'],
  ['aXbXc', ['x'], 'aXbXc'],
  ['"GET /a?b=1"', ['/a?b=1'], '"GET [/a?b=1]"'],
  ['İstanbul root', ['root'], 'İstanbul [root]'],
  ['', ['x'], ''],
])('%s with %j is marked', (text, wanted, expected) => {
  expect(marked(text, wanted)).toBe(expected);
});

test('no more is marked than can be shown', () => {
  expect(mark('ab '.repeat(2000), ['ab']).filter((piece) => piece.isHit)).toHaveLength(500);
});

test('single signs are not worth marking', () => {
  expect(
    values([
      { field: 'a', value: '1' },
      { field: 'b', value: 'two' },
      { field: 'c', value: 'two' },
    ]),
  ).toEqual(['two']);
});

test('an object is laid flat', () => {
  const event = { user: 'ann', src: { ip: '203.0.113.7', port: 22 }, dst: {}, tags: ['a', 'b'], empty: null };
  expect(flatten(event).map((field) => `${field.path}=${field.value}`)).toEqual([
    'user=ann',
    'src.ip=203.0.113.7',
    'src.port=22',
    'tags=a, b',
  ]);
  let deep: unknown = 'x';
  for (let level = 0; level < 100; level += 1) deep = { a: deep };
  expect(flatten(deep)).toHaveLength(1);
  expect(flatten(Object.fromEntries(Array.from({ length: 999 }, (_, at) => [`f${at}`, at])))).toHaveLength(300);
});

test.each([
  [{ path: 'src.ip', value: '203.0.113.7' }, true],
  [{ path: 'src.port', value: '7' }, false],
  [{ path: 'level', value: '3' }, true],
  [{ path: 'dst.port', value: '3' }, false],
])('%j matched: %s', (field, expected) => {
  expect(
    isMatched(field, [
      { field: 'src_ip', value: '203.0.113.7' },
      { field: 'level', value: '3' },
    ]),
  ).toBe(expected);
});

test('only JSON is laid out', () => {
  expect(layOut('{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(layOut('{broken')).toBe('{broken');
  expect(layOut('<86>Nov 27 sshd')).toBe('<86>Nov 27 sshd');
});
