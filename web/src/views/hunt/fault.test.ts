import { expect, test } from 'vitest';
import { readFault, unitsBefore } from './fault';

test('the place is counted in characters', () => {
  expect(readFault('usr:x', 'at byte 0: unknown field')).toEqual({ text: 'unknown field', at: 0 });
  expect(readFault('é usr:x', 'at byte 3: unknown field')).toEqual({ text: 'unknown field', at: 2 });
  expect(readFault('x', 'too long')).toEqual({ text: 'too long', at: null });
  expect([unitsBefore('a😀b', 1), unitsBefore('a😀b', 5), unitsBefore('a😀b', 99)]).toEqual([1, 3, 4]);
});
