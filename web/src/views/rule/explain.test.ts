import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { explain } from './explain';
import { documents } from './read';

const RULE = `title: Shell # said
description: >-
    Two lines
    of text.
tags: [attack.t1059, "b, c"]
detection:
    selection:
        command|contains|all:
            - '/bin/sh'
            - it''s
        user: root
        pid|gte: 10
        tty|exists: false
    keywords:
    - one
    - "two\\tx"
    filter:
        - name: a
          path|startswith: /b
        - name: c
    condition: selection and not filter
`;

describe('a rule in words', () => {
  it('names fields, how they are compared, and with what', () => {
    const [rule] = explain(RULE);
    expect(rule?.condition).toBe('selection and not filter');
    const said = rule?.selections.map((one) =>
      one.groups.map((group) => group.map((ask) => `${ask.field} ${ask.how[0]} ${ask.values.join(',')}`.trim())),
    );
    expect(said).toEqual([
      [["command contains all of /bin/sh,it''s", 'user is root', 'pid is at least 10', 'tty is absent']],
      [['any field contains one,two\tx']],
      [['name is a', 'path starts with /b'], ['name is c']],
    ]);
  });

  it('is silent about what it does not understand', () => {
    for (const text of ['', 'a: &x 1\ndetection: *x', 'detection:\n  a: {b: c}', '- 1', 'a:\n b: 1\n  c: 2', '\t']) {
      expect(explain(text)).toEqual([]);
    }
    expect(documents('a: ['.repeat(5_000))).toBeNull();
  });

  it('understands every rule of ours', () => {
    const files: string[] = [];
    const walk = (folder: string): void => {
      for (const name of readdirSync(folder)) {
        const path = join(folder, name);
        if (statSync(path).isDirectory()) walk(path);
        else if (name === 'rule.yml') files.push(path);
      }
    };
    walk(join(import.meta.dirname, '../../../../rules'));
    const silent = files.filter((path) => explain(readFileSync(path, 'utf8')).length === 0);
    expect(files.length).toBeGreaterThan(50);
    expect(silent).toEqual([]);
  });
});
