import { describe, expect, it } from 'vitest';
import { highlight } from './yaml';

const TEXT = `title: It's a "test" # of signs
description: >-
    key: inside a block
      # too

detection:
    selection:
        'user|re': 'a''b: c'
        dst.port|gte: 1024
        - - x
    condition: selection and not 1 of filter_*
---
tags: [attack.t1110, "b"]
broken: 'no end
\tweird\u0000`;

function kinds(line: string): string {
  return (highlight(line)[0] ?? []).map((piece) => `${piece.kind}(${piece.text})`).join('');
}

describe('highlighting', () => {
  it('loses and adds nothing', () => {
    const back = highlight(TEXT).map((line) => line.map((piece) => piece.text).join(''));
    expect(back.join('\n')).toBe(TEXT);
  });

  it.each([
    ['level: high', 'key(level)mark(:)plain( )plain(high)'],
    ['# said', 'comment(# said)'],
    ['  - 42 # why', 'mark(  - )number(42)comment( # why)'],
    ["'a|re': 'x''y'", "key('a|re')mark(:)plain( )string('x''y')"],
    ['url: http://x#y', 'key(url)mark(:)plain( )plain(http://x#y)'],
    ['---', 'mark(---)'],
  ])('%s', (line, expected) => expect(kinds(line)).toBe(expected));

  it('knows where a text block ends', () => {
    const lines = highlight(TEXT).map((line) => line.find((piece) => piece.kind !== 'plain')?.kind);
    expect(lines.slice(1, 6)).toEqual(['key', 'string', 'string', undefined, 'key']);
  });

  it('takes long lines without end in sensible time', () => {
    const long = `key: ${"'".repeat(50_000)}`;
    expect(
      highlight(long)[0]
        ?.map((piece) => piece.text)
        .join(''),
    ).toBe(long);
  });
});
