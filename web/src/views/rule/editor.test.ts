import { describe, expect, it } from 'vitest';
import { place, titleOf } from './editor';

describe('the editor', () => {
  it.each([
    [1, 1, 0],
    [2, 1, 3],
    [2, 3, 6],
    [3, 1, 7],
    [9, 9, 8],
  ])('line %i, character %i', (line, column, expected) => expect(place('ab\n😀c\nx', line, column)).toBe(expected));

  it('reads a title', () => {
    expect(titleOf("id: 1\ntitle: 'A: b'\ntitle: c")).toBe('A: b');
    expect(titleOf('')).toBe('');
  });
});
