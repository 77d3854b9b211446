import { describe, expect, it } from 'vitest';
import { isNoisy, join, logsource, narrow, sorted, type Hits, type Narrowing, type Rule } from './book';
import { coverage, heat } from './coverage';

function rule(id: string, more: Partial<Rule> = {}): Rule {
  return {
    id,
    title: id,
    level: 'low',
    attack: [],
    logsources: [],
    correlation: false,
    silent: false,
    from: 'builtin',
    path: `rules/${id}/rule.yml`,
    ...more,
  } as Rule;
}

function hit(id: string, alerts: number, noise: number): Hits {
  return {
    rule: id,
    alerts,
    findings: alerts,
    false_positive: noise,
    benign: 0,
    open: 0,
    last_seen: '2026-01-01T00:00:00Z',
  };
}

const RULES = [
  rule('a', {
    level: 'high',
    tags: ['attack.t1110.001'],
    attack: [
      { kind: 'tactic', name: 'credential-access' },
      { kind: 'technique', name: 'T1110.001' },
    ],
    logsources: [{ product: 'linux', service: 'sshd' }],
  }),
  rule('b', { from: 'own', attack: [{ kind: 'technique', name: 'T1110' }] }),
  rule('c', { silent: true }),
];
const ROWS = join(RULES, [hit('a', 4, 3), hit('gone', 9, 0)]);
const NONE: Narrowing = { text: '', level: '', tactic: '', technique: '', from: '', behaviour: '' };

describe('the list of rules', () => {
  it.each<[Partial<Narrowing>, string]>([
    [{}, 'abc'],
    [{ text: 'LINUX sshd' }, 'a'],
    [{ text: 'linux nothing' }, ''],
    [{ level: 'high' }, 'a'],
    [{ from: 'own' }, 'b'],
    [{ tactic: 'credential-access' }, 'a'],
    [{ technique: 'T1110' }, 'ab'],
    [{ technique: 'T111' }, ''],
    [{ behaviour: 'noisy' }, 'a'],
    [{ behaviour: 'silent' }, 'b'],
    [{ behaviour: 'active' }, 'a'],
  ])('narrowed by %o', (by, expected) => {
    expect(
      narrow(ROWS, { ...NONE, ...by })
        .map((row) => row.rule.id)
        .join(''),
    ).toBe(expected);
  });

  it('is sorted by figures from the greatest and by title from A', () => {
    const ids = (column: Parameters<typeof sorted>[1]) =>
      sorted([...ROWS].reverse(), column)
        .map((row) => row.rule.id)
        .join('');
    expect(ids('title')).toBe('abc');
    expect(ids('hits')).toBe('abc');
    expect(ids('noise')).toBe('abc');
  });

  it('calls noisy what was closed as noise more often than not', () => {
    expect(isNoisy({ rule: rule('x'), hits: hit('x', 2, 2), noise: 1 })).toBe(false);
    expect(isNoisy({ rule: rule('x'), hits: hit('x', 10, 4), noise: 0.4 })).toBe(false);
    expect(logsource(rule('x', { logsources: [{ product: 'linux' }, { product: 'linux' }] }))).toBe('linux');
  });
});

describe('coverage', () => {
  it('counts rules and alerts by technique, and keeps those without a tactic', () => {
    const columns = coverage(ROWS, ['credential-access', 'impact']);
    expect(columns).toEqual([
      { tactic: 'credential-access', cells: [{ technique: 'T1110', rules: 1, alerts: 4 }], rules: 1 },
      { tactic: 'impact', cells: [], rules: 0 },
      { tactic: '', cells: [{ technique: 'T1110', rules: 1, alerts: 0 }], rules: 1 },
    ]);
    expect([0, 1, 9, 10, 1e9].map(heat)).toEqual([0, 1, 1, 2, 4]);
  });
});
