import { describe, expect, it } from 'vitest';
import { conditions, dayFrom, line } from './suppression';

describe('a suppression from an address', () => {
  it.each([
    ['ip:203.0.113.9', { kind: 'ip', value: '203.0.113.9' }],
    ['ip:2001:db8::1', { kind: 'ip', value: '2001:db8::1' }],
    ['ip:10.0.0.0/8', { kind: 'network', value: '10.0.0.0/8' }],
    ['user: Jane Doe ', { kind: 'user', value: 'Jane Doe' }],
    ['nonsense:1', null],
    ['user:', null],
    ['user', null],
    ['', null],
  ])('%s', (text, expected) => expect(line(text)).toEqual(expected));

  it('leaves empty lines out', () => {
    expect(
      conditions([
        { kind: 'ip', value: ' ' },
        { kind: 'user', value: ' ann ' },
        { kind: 'network', value: '10.0.0.0/8' },
      ]),
    ).toEqual([
      { is: 'value', kind: 'user', value: 'ann' },
      { is: 'network', network: '10.0.0.0/8' },
    ]);
  });

  it('counts days in the viewer’s zone', () => {
    expect(dayFrom(new Date(2026, 11, 30, 12), 7)).toBe('2027-01-06');
  });
});
