import { expect, test } from 'vitest';
import { changesOf, phraseOf } from './changes';
import { fieldNamed } from './words';

test('the audit log says what was before and after', () => {
  expect(
    changesOf({ before: { severity: 'medium', desk: {} }, after: { severity: 'high', desk: { impact: 'no_impact' } } }),
  ).toEqual([
    { field: 'severity', before: 'medium', after: 'high' },
    { field: 'desk.impact', before: '', after: 'no_impact' },
  ]);
  expect(changesOf({ status: 'closed', version: 3 })).toEqual([{ field: 'status', before: '', after: 'closed' }]);
  expect(changesOf({ case: 'x', before: { value: 'evil.example', id: 'y', tags: ['a'] } })).toEqual([
    { field: 'value', before: 'evil.example', after: '' },
    { field: 'tags', before: 'a', after: '' },
  ]);
  expect(changesOf({ alerts: ['0'.repeat(32)], tags: [] })).toEqual([{ field: 'alerts', before: '', after: '1' }]);
  expect(changesOf(null)).toEqual([]);
  expect(changesOf({ after: { text: 'x'.repeat(5000) } })[0]?.after).toHaveLength(2001);
});

test('fields have words, and their names in the API where nobody gave them any', () => {
  expect(fieldNamed('desk.impact')).toEqual(['impact', 'conséquences']);
  expect(fieldNamed('desk.fields.ticket')).toEqual(['desk.fields.ticket', 'desk.fields.ticket']);
});

test.each([
  ['status', 'in_progress', 'in progress'],
  ['resolution.verdict', 'false_positive', 'False positive'],
  ['ioc', 'true', 'yes'],
  ['title', 'new', undefined],
])('the %s %s is said as %s', (field, value, expected) => expect(phraseOf(field, value)?.[0]).toBe(expected));
