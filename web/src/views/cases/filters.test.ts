import { expect, test } from 'vitest';
import { ownTags, tagsOf } from './marks';
import { conditionOf, isNarrowed, quoted, readFilters } from './filters';

test.each([
  ['', 'NOT status:closed'],
  ['status=all', ''],
  ['status=open&severity=high', 'status:"open" AND severity:high'],
  ['status=all&severity=high,critical,bogus', '(severity:high OR severity:critical)'],
  ['status=all&assignee=me', 'assignee:"ann"'],
  ['status=all&assignee=nobody', 'NOT assignee:*'],
  ['status=all&tag=a b', 'tag:"a b"'],
  ['status=all&q=%2312', 'number:12'],
  ['status=all&q=evil OR worse', '(evil OR worse)'],
])('%s', (query, expected) => {
  expect(conditionOf(readFilters(new URLSearchParams(query)), 'ann', null)).toBe(expected);
});

test('what is late is one part among others', () => {
  expect(conditionOf(readFilters(new URLSearchParams('')), 'ann', '(late)')).toBe('NOT status:closed AND (late)');
});

test('a quote in a value cannot end it', () => {
  expect(quoted('a" OR tag:*')).toBe('"a\\" OR tag:*"');
});

test('the usual list is not narrowed', () => {
  expect(isNarrowed(readFilters(new URLSearchParams('sort=number')))).toBe(false);
  expect(isNarrowed(readFilters(new URLSearchParams('tag=x')))).toBe(true);
});

test('tags of rules do not hide those of people', () => {
  expect(ownTags(['attack.t1110', 'vip'])).toEqual(['vip']);
  expect(tagsOf(' a, b,,a ')).toEqual(['a', 'b']);
});
