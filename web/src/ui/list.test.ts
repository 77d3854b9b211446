import { expect, test } from 'vitest';
import { caseCondition } from './caseCondition';
import { offered } from './choices';
import { moved } from './picked.svelte';

test.each([
  [[], '', 1, -1],
  [['a', 'b', 'c'], '', 1, 0],
  [['a', 'b', 'c'], 'gone', -1, 0],
  [['a', 'b', 'c'], 'a', 1, 1],
  [['a', 'b', 'c'], 'c', 1, 2],
  [['a', 'b', 'c'], 'a', -1, 0],
])('the keyboard moves within %j from %s by %i to %i', (ids, at, step, expected) => {
  expect(moved(ids, at, step)).toBe(expected);
});

test.each([
  ['', 'NOT status:closed'],
  [' 12 ', 'NOT status:closed AND number:12'],
  ['#7', 'NOT status:closed AND number:7'],
  ['web OR "attack', 'NOT status:closed AND "web" AND "OR" AND "attack"'],
])('cases are looked for by %s', (typed, expected) => {
  expect(caseCondition(typed)).toBe(expected);
});

test('what is chosen is offered though the list does not know it', () => {
  const choices = [
    { value: 'a', label: 'Alpha' },
    { value: 'b', label: 'Beta' },
  ];
  expect(offered(choices, ['x'], '').map((choice) => choice.value)).toEqual(['x', 'a', 'b']);
  expect(offered(choices, ['x'], 'BET').map((choice) => choice.value)).toEqual(['b']);
});
