import { expect, test } from 'vitest';
import { agreementOf, lateCondition, steps, urgent, type Agreement } from './agreement';

const agreed: Agreement = { acknowledge: { high: 30 }, resolve: { high: 240 }, near: 80 };
const created = '2026-03-01T12:00:00Z';
const at = (minutes: number): number => Date.parse(created) + minutes * 60_000;
const iso = (minutes: number): string => new Date(at(minutes)).toISOString();

test.each([
  ['time is left', {}, 10, 'running', 'acknowledge'],
  ['at four fifths it is near', {}, 24, 'near', 'acknowledge'],
  ['at the minute it is not late', {}, 30, 'near', 'acknowledge'],
  ['after it, it is', {}, 31, 'breached', 'acknowledge'],
  ['taken up, the next step runs', { acknowledged: iso(5) }, 31, 'running', 'resolve'],
  ['closed in time', { acknowledged: iso(5), closed: iso(100) }, 999, 'met', 'resolve'],
  ['taken up late stays missed', { acknowledged: iso(60), closed: iso(100) }, 999, 'missed', 'acknowledge'],
  ['who closes has taken it up', { closed: iso(20) }, 999, 'met', 'resolve'],
])('%s', (_, times, minutes, state, step) => {
  const shown = urgent(steps({ severity: 'high', created, ...times }, agreed, at(minutes)));
  expect([shown?.state, shown?.step]).toEqual([state, step]);
});

test('a severity without an entry has no due time', () => {
  expect(urgent(steps({ severity: 'low', created }, agreed, at(9999)))).toBeNull();
});

test('what the server says is read, and nothing agreed is nothing', () => {
  expect(agreementOf({ acknowledge_minutes: {}, resolve_minutes: {} })).toBeNull();
  const read = agreementOf({ acknowledge_minutes: { high: 30, low: 'soon' }, resolve_minutes: {}, near_percent: 50 });
  expect(read).toEqual({ acknowledge: { high: 30 }, resolve: {}, near: 50 });
});

test('late cases are found by a condition', () => {
  const now = at(240);
  const one = new Map([['acme', agreed]]);
  expect(lateCondition(one, 'breached', now)).toContain(
    `NOT status:closed AND created:<"${created.slice(0, 19)}.000Z"`,
  );
  expect(lateCondition(one, 'near', now)).toContain('created:>=');
  expect(lateCondition(new Map([['acme', null]]), 'breached', now)).toBeNull();
  const many = new Map(Array.from({ length: 50 }, (_, index) => [`t${index}`, agreed] as const));
  expect(lateCondition(many, 'breached', now)).toBeNull();
});
