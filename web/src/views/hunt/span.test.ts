import { expect, test } from 'vitest';
import { fromField, readTime, resolve, shifted, spanOf, toField } from './span';

const NOW = Date.parse('2026-03-01T12:00:00Z');

test.each([
  ['', { from: 'now-24h', until: '' }, '24h'],
  ['from=now-7d', { from: 'now-7d', until: '' }, '7d'],
  ['from=all', { from: '', until: '' }, 'all'],
  ['from=now-3h', { from: 'now-3h', until: '' }, 'own'],
  ['from=2026-01-01&until=2026-01-02', { from: '2026-01-01', until: '2026-01-02' }, 'own'],
  ['until=2026-01-02', { from: '', until: '2026-01-02' }, 'own'],
])('%j is read', (query, time, span) => {
  const read = readTime(new URLSearchParams(query));
  expect(read).toEqual(time);
  expect(spanOf(read)).toBe(span);
});

test('spans move by their length', () => {
  expect(shifted({ from: 'now-1h', until: '' }, -1, NOW)).toEqual({
    from: '2026-03-01T10:00:00.000Z',
    until: '2026-03-01T11:00:00.000Z',
  });
  const moved = shifted({ from: '2026-03-01T10:00:00Z', until: '2026-03-01T11:00:00Z' }, 1, NOW);
  expect(moved?.from).toBe('2026-03-01T11:00:00.000Z');
  expect(shifted({ from: '', until: '' }, 1, NOW)).toBeNull();
  expect(shifted({ from: 'now-1d/d', until: '' }, 1, NOW)).toBeNull();
  expect(resolve('now-2w', NOW)).toBe(NOW - 14 * 86_400_000);
});

test('a field of the viewer’s zone and back', () => {
  expect(fromField(toField(NOW))).toBe('2026-03-01T12:00:00.000Z');
  expect(fromField('')).toBe('');
  expect(fromField('nonsense')).toBe('');
});
