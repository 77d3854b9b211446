/** A rule's text in coloured pieces: just enough of YAML to be read with ease. What is not understood stays plain. */

export type Kind = 'comment' | 'key' | 'mark' | 'string' | 'number' | 'word' | 'plain';

export interface Piece {
  readonly kind: Kind;
  readonly text: string;
}

/** Words that Sigma's conditions and YAML give a meaning to. */
const WORDS = new Set(['and', 'or', 'not', 'of', 'all', 'them', 'true', 'false', 'null']);
const NUMBER = /^-?\d+(\.\d+)?$/;
const BLOCK = /:\s*[|>][+-]?\d*\s*$/;

/** Returns the pieces of each line. Together they are the text, sign for sign. */
export function highlight(text: string): Piece[][] {
  let blockIndent = -1;
  return text.split('\n').map((line) => {
    const indent = line.length - line.trimStart().length;
    if (blockIndent >= 0) {
      // A text block goes on as long as its lines stand further in than its key, or are empty.
      if (line.trim() === '' || indent > blockIndent) return line === '' ? [] : [{ kind: 'string', text: line }];
      blockIndent = -1;
    }
    if (BLOCK.test(line)) blockIndent = indent;
    return pieces(line);
  });
}

function pieces(line: string): Piece[] {
  const found: Piece[] = [];
  const put = (kind: Kind, text: string) => {
    if (text !== '') found.push({ kind, text });
  };
  const indent = /^(\s*(?:-\s+)*)/.exec(line)?.[1] ?? '';
  put(indent.includes('-') ? 'mark' : 'plain', indent);
  let rest = line.slice(indent.length);
  if (rest.startsWith('#')) {
    put('comment', rest);
    return found;
  }
  if (/^(---|\.\.\.)\s*$/.test(rest)) {
    put('mark', rest);
    return found;
  }
  const key = /^('(?:[^']|'')*'|"(?:[^"\\]|\\.)*"|[^\s'"#:][^:#]*?)(\s*:)(?=\s|$)/.exec(rest);
  if (key) {
    put('key', key[1] ?? '');
    put('mark', key[2] ?? '');
    rest = rest.slice(key[0].length);
  }
  value(rest, put);
  return found;
}

function value(text: string, put: (kind: Kind, text: string) => void): void {
  const parts = text.match(/\s+#.*$|\s+|'(?:[^']|'')*'?|"(?:[^"\\]|\\.)*"?|[[\]{},|>&*!]|[^\s'"[\]{},|>&*!]+|./g) ?? [];
  for (const part of parts) {
    if (/^\s+#/.test(part)) put('comment', part);
    else if (/^\s+$/.test(part)) put('plain', part);
    else if (/^['"]/.test(part)) put('string', part);
    else if (/^[[\]{},|>&*!]$/.test(part)) put('mark', part);
    else if (NUMBER.test(part)) put('number', part);
    else if (WORDS.has(part)) put('word', part);
    else put('plain', part);
  }
}
