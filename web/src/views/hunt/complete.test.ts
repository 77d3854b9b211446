import { describe, expect, test } from 'vitest';
import { fieldOf, known, placeOf, take, values, words, type Field, type Place } from './complete';

const FIELDS: Field[] = [
  { name: 'user', aliases: ['username', 'account'], kind: 'keyword', countable: true, about: 'who' },
  { name: 'src.ip', aliases: ['srcip'], kind: 'address', countable: true, about: 'from where' },
  { name: 'severity', aliases: ['level'], kind: 'severity', countable: true, about: 'how bad' },
  { name: 'dst.port', aliases: ['port'], kind: 'number', countable: true, about: 'which port' },
];

describe('the place of the caret', () => {
  test.each<[string, Partial<Place>]>([
    ['', { kind: 'word', typed: '', mayJoin: false }],
    ['us', { kind: 'word', from: 0, typed: 'us', mayJoin: false }],
    ['a ', { kind: 'word', from: 2, typed: '', mayJoin: true }],
    ['a AND ', { kind: 'word', typed: '', mayJoin: false }],
    ['(us', { kind: 'word', from: 1, typed: 'us', mayJoin: false }],
    ['-us', { kind: 'word', from: 1, typed: 'us' }],
    ['user:', { kind: 'value', field: 'user', typed: '', from: 5 }],
    ['a AND user:ro', { kind: 'value', field: 'user', typed: 'ro', from: 11 }],
    ['-src.ip:10.', { kind: 'value', field: 'src.ip', typed: '10.', from: 8 }],
    ['user:"Jane D', { kind: 'value', field: 'user', typed: 'Jane D', from: 5, isOpen: true }],
    ['user:"Jane Doe" x', { kind: 'word', typed: 'x', mayJoin: true }],
  ])('in %j', (query, expected) => expect(placeOf(query, query.length)).toMatchObject(expected));
});

const word = (query: string): Place & { kind: 'word' } => placeOf(query, query.length) as Place & { kind: 'word' };
const value = (query: string): Place & { kind: 'value' } => placeOf(query, query.length) as Place & { kind: 'value' };

test('fields and joining words are suggested', () => {
  const texts = (query: string): string[] => words(FIELDS, word(query)).map((one) => one.text);
  expect(texts('us')).toEqual(['user:']);
  expect(texts('acc')).toEqual(['user:']);
  expect(texts('s')).toEqual(['src.ip:', 'severity:', 'user:', 'dst.port:']);
  expect(texts('user:x a')).toContain('AND ');
  expect(texts('user:x ')[0]).toBe('AND ');
  expect(texts('')).not.toContain('AND ');
});

test('values are suggested', () => {
  const level = fieldOf(FIELDS, 'LEVEL');
  expect(level?.name).toBe('severity');
  expect(known(level as Field, value('severity:h')).map((one) => one.text)).toEqual(['high']);
  const found = [
    { value: 'deploy', count: 9 },
    { value: 'root', count: 5 },
    { value: 'Roger Moore', count: 1 },
  ];
  const shown = values(found, value('user:ro'), (one) => (one.includes(' ') ? `"${one}"` : one), String);
  expect(shown.map((one) => one.text)).toEqual(['root', '"Roger Moore"']);
});

test.each([
  ['us', 2, 'user:', 0, 'user:', 5],
  ['user:ro AND x', 7, 'root', 5, 'user:root AND x', 10],
  ['user:"Ja"', 8, '"Jane Doe"', 5, 'user:"Jane Doe" ', 16],
  ['dst.port:', 9, '>=', 9, 'dst.port:>=', 11],
])('%j takes a suggestion', (query, caret, text, from, expected, then) => {
  expect(take(query, caret, { text, from, note: '' })).toEqual({ query: expected, caret: then });
});
