import { describe, expect, it } from 'vitest';
import { NAME, copyOf, nameOf, newId, template } from './copy';

const FILE = `title: Many of them
id: "aaaa-1"
correlation:
    rules: [aaaa-2, base]
---
title: One
id: aaaa-2
name: base
related: aaaa-22
description: on base and database
`;

describe('a copy of a rule', () => {
  it('has ids and names of its own, wherever they stand', () => {
    let count = 0;
    expect(copyOf(FILE, 'copy', () => `new-${++count}`)).toBe(`title: 'Many of them (copy)'
id: "new-1"
correlation:
    rules: [new-2, base_own]
---
title: One
id: new-2
name: base_own
related: aaaa-22
description: on base_own and database
`);
  });

  it.each([
    ['Root logs in: from afar!', 'root_logs_in_from_afar'],
    ['Échec répété', 'echec_repete'],
    ['…', 'new_rule'],
    ['x'.repeat(100), 'x'.repeat(60)],
  ])('is named after its title: %s', (title, expected) => {
    expect(nameOf(title)).toBe(expected);
    expect(NAME.test(nameOf(title))).toBe(true);
  });

  it('gives ids that are UUIDs, and a rule to begin with', () => {
    expect(newId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(template(() => 'x')).toContain('\nid: x\n');
  });
});
