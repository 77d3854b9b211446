import { describe, expect, test } from 'vitest';
import { labelled, percent, places, shade, stack, ticks } from './scales';

describe('ticks', () => {
  test.each([
    [0, [0, 1]],
    [1, [0, 1]],
    [3, [0, 1, 2, 3]],
    [7, [0, 2, 4, 6, 8]],
    [100, [0, 25, 50, 75, 100]],
    [1234, [0, 500, 1000, 1500]],
    [Number.NaN, [0, 1]],
  ])('up to %d', (most, expected) => expect(ticks(most)).toEqual(expected));
  test('reach the greatest and stay few', () => {
    for (let most = 1; most < 5000; most += 7) {
      const all = ticks(most);
      expect(all.at(-1)).toBeGreaterThanOrEqual(most);
      expect(all.length).toBeLessThanOrEqual(6);
    }
  });
});

test('parts are stacked and nothing has no piece', () => {
  expect(stack([2, 0, 3])).toEqual([
    { series: 0, from: 0, to: 2 },
    { series: 2, from: 2, to: 5 },
  ]);
  expect(stack([0, 0])).toEqual([]);
});

test('bars are where the pointer finds them', () => {
  const bars = places(24, 480);
  expect(bars.step).toBe(20);
  expect([bars.at(-5), bars.at(0), bars.at(25), bars.at(479), bars.at(9999)]).toEqual([0, 0, 1, 23, 23]);
  for (let index = 0; index < 24; index += 1) expect(bars.at(bars.left(index) + bars.width / 2)).toBe(index);
  expect(places(0, 100).at(50)).toBe(0);
});

test('labels do not touch', () => {
  expect(labelled(10, 1000, 60)).toHaveLength(10);
  expect(labelled(90, 300, 60)).toEqual([0, 18, 36, 54, 72]);
});

test('shades grow with the magnitude', () => {
  expect([0, 1, 10, 100, 1000].map((value) => shade(value, 1000))).toEqual([0, 1, 2, 3, 4]);
  expect(shade(1, 1)).toBe(2);
});

test('a share is never rounded to nothing or all', () => {
  expect([percent(0, 9), percent(1, 9999), percent(1, 2), percent(9998, 9999), percent(3, 3)]).toEqual([
    0, 1, 50, 99, 100,
  ]);
});
