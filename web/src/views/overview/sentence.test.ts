import { expect, test } from 'vitest';
import { sentence, toneOf, type Facts } from './sentence';

const quiet: Facts = {
  newAlerts: [0, 0, 0, 0, 0],
  openCases: [0, 0, 0, 0, 0],
  late: 0,
  near: 0,
  inForce: 0,
  sources: { all: 3, silent: 0 },
};

test.each<[string, Partial<Facts>, string, string]>([
  ['all is well', {}, 'noAlert 0, nothingBlocked 0, allSend 0', 'good'],
  ['critical alerts first', { newAlerts: [9, 9, 9, 5, 2] }, 'critical 2, nothingBlocked 0, allSend 0', 'bad'],
  ['then those of high severity', { newAlerts: [9, 9, 9, 5, 0] }, 'high 5, nothingBlocked 0, allSend 0', 'watch'],
  ['the rest is counted together', { newAlerts: [1, 2, 3, 0, 0] }, 'other 6, nothingBlocked 0, allSend 0', 'good'],
  ['what is late hides what is near', { late: 1, near: 4 }, 'noAlert 0, late 1, nothingBlocked 0, allSend 0', 'bad'],
  ['what is near', { near: 4 }, 'noAlert 0, near 4, nothingBlocked 0, allSend 0', 'watch'],
  ['critical cases', { openCases: [0, 0, 0, 0, 1] }, 'noAlert 0, openCritical 1, nothingBlocked 0, allSend 0', 'bad'],
  ['silence', { sources: { all: 3, silent: 2 }, inForce: 1 }, 'noAlert 0, inForce 1, silent 2', 'watch'],
  ['nothing was ever sent', { sources: { all: 0, silent: 0 } }, 'noAlert 0, nothingBlocked 0, noSource 0', 'watch'],
  ['sources are not known yet', { sources: undefined }, 'noAlert 0, nothingBlocked 0', 'good'],
])('%s', (_, facts, expected, tone) => {
  const said = sentence({ ...quiet, ...facts });
  expect(said.map((one) => `${one.phrase} ${one.n}`).join(', ')).toBe(expected);
  expect(toneOf(said)).toBe(tone);
});
