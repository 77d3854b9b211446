import { expect, test } from 'vitest';
import { eventCondition, safeLink, techniquePage } from './pivot';

test.each([
  ['ip', '203.0.113.7', '203.0.113.7'],
  ['user', 'jane doe', 'user:"jane doe"'],
  ['host', 'web-01', 'device:"web-01"'],
  ['domain', 'evil.example', '"evil.example"'],
  ['other', 'say "x"', '"say  x "'],
])('events about %s %s', (kind, value, expected) => {
  expect(eventCondition(kind, value)).toBe(expected);
});

test.each([
  ['https://attack.mitre.org/x', 'https://attack.mitre.org/x'],
  ['javascript:alert(1)', null],
  ['data:text/html,x', null],
  ['CVE-2021-44228', null],
  [' http://a.example ', 'http://a.example/'],
])('%s is followed as %s', (text, expected) => {
  expect(safeLink(text)).toBe(expected);
});

test.each([
  ['T1110', 'https://attack.mitre.org/techniques/T1110/'],
  ['T1110.003', 'https://attack.mitre.org/techniques/T1110/003/'],
  ['T1', null],
])('%s is explained', (name, expected) => {
  expect(techniquePage(name)).toBe(expected);
});
