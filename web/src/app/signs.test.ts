import { expect, test } from 'vitest';
import { beginning, pieces, plain, SIGNS_MAX, stretches, STRETCH_MAX } from './signs';

test.each([
  ['invoice\u202efdp.exe', 'invoice[RLO]fdp.exe'],
  ['\u001b[31mred\u0007\u0000', '[ESC][31mred[BEL][NUL]'],
  ['a\u200eb\ufeff', 'a[U+200E]b[BOM]'],
  ['\u{e0041}', '[U+E0041]'],
  ['une idée,\n\tdeux 🦊', 'une idée,\n\tdeux 🦊'],
  ['', ''],
])('what hides in %j is named', (text, expected) => {
  expect(plain(text)).toBe(expected);
  expect(
    pieces(text)
      .map((piece) => (piece.isSign ? `[${piece.text}]` : piece.text))
      .join(''),
  ).toBe(expected);
});

test('a text of nothing but signs is few pieces', () => {
  for (const [signs, count] of [
    [SIGNS_MAX, SIGNS_MAX],
    [SIGNS_MAX + 1, SIGNS_MAX + 1],
    [100_000, SIGNS_MAX + 1],
  ] as const) {
    const found = pieces('\u202e'.repeat(signs));
    expect(found).toHaveLength(count);
    expect(found.map((piece) => piece.text).join('')).not.toContain('\u202e');
  }
});

test.each([
  ['abc', 2, 'ab'],
  ['a🦊', 2, 'a'],
  ['a🦊', 3, 'a🦊'],
  ['abc', 9, 'abc'],
])('the beginning of %s, at most %i', (text, max, expected) => {
  expect(beginning(text, max)).toBe(expected);
});

test.each([
  ['word '.repeat(1000), 1],
  ['A'.repeat(STRETCH_MAX), 1],
  ['A'.repeat(STRETCH_MAX + 1), 2],
  ['🦊'.repeat(2 * STRETCH_MAX), 2],
  [`${'A'.repeat(1000)} and ${'B'.repeat(1000)}`, 9],
])('a line may break within a long word', (text, count) => {
  const found = stretches(text);
  expect(found).toHaveLength(count);
  expect(found.join('')).toBe(text);
});
