import { describe, expect, it } from 'vitest';
import { filled } from './bars';

describe('bars', () => {
  it('has a bar for each day', () => {
    const days = filled(
      [{ day: '2026-02-28T00:00:00Z', count: 3 }],
      new Date('2026-02-27T23:00:00Z'),
      new Date('2026-03-01T01:00:00Z'),
    );
    expect(days).toEqual([
      { day: '2026-02-27', count: 0 },
      { day: '2026-02-28', count: 3 },
      { day: '2026-03-01', count: 0 },
    ]);
    expect(filled([], new Date(0), new Date('2026-03-01T00:00:00Z'))).toHaveLength(366);
  });
});
