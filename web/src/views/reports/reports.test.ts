import { describe, expect, it } from 'vitest';
import {
  addresses,
  base64,
  contrastOfWhite,
  dayOf,
  hourIn,
  lastDay,
  reportAddress,
  weekday,
  type Wish,
} from './reports';

const wish: Wish = { kind: 'weekly', tenant: 'acme', case: '', until: '', language: '' };

describe('where a report is made', () => {
  it.each([
    [wish, '/api/v1/reports/weekly?tenant=acme&format=pdf'],
    [
      { ...wish, kind: 'monthly', until: '2026-12-01', language: 'fr' },
      '/api/v1/reports/monthly?tenant=acme&until=2026-12-01T00%3A00%3A00Z&language=fr&format=pdf',
    ],
    [{ ...wish, until: 'yesterday' }, '/api/v1/reports/weekly?tenant=acme&format=pdf'],
    [{ ...wish, tenant: '' }, null],
    [{ ...wish, kind: 'incident' }, null],
    [{ ...wish, kind: 'incident', case: 'a/b' }, '/api/v1/cases/a%2Fb/report?format=pdf'],
  ] as [Wish, string | null][])('%j', (asked, expected) => {
    expect(reportAddress(asked, 'pdf')).toBe(expected);
  });
});

it('tells the contrast as the server does', () => {
  expect(contrastOfWhite('#ffffff')).toBeCloseTo(1);
  expect(contrastOfWhite('#000000')).toBeCloseTo(21);
  expect(contrastOfWhite('#767676')).toBeGreaterThan(4.5);
  expect(contrastOfWhite('#777777')).toBeLessThan(4.5);
  expect(contrastOfWhite('red')).toBeNull();
});

it('takes addresses apart', () => {
  expect(addresses(' a@x.example,b@x.example\n\nc@x.example; ')).toEqual(['a@x.example', 'b@x.example', 'c@x.example']);
  expect(addresses('')).toEqual([]);
});

it('names days and hours', () => {
  expect([1, 7].map((day) => weekday(day, 'en'))).toEqual(['Monday', 'Sunday']);
  expect(weekday(1, 'fr')).toBe('lundi');
  expect(dayOf(lastDay('2026-11-23T00:00:00Z'), 'en')).toBe('Nov 22, 2026');
  expect(hourIn(6, 'Europe/Paris')).toBe('06:00 Europe/Paris');
});

it('writes Base64', () => {
  expect(base64(new Uint8Array([0, 255, 128]))).toBe('AP+A');
  expect(base64(new Uint8Array(100_000)).length).toBe(133_336);
});
