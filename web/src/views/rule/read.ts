/**
 * The YAML that rules are written in, read as far as it is needed to say a rule in words: mappings, lists, texts, text
 * blocks and short lists between brackets. The server is who really reads rules; what is not understood here gives `null`.
 */

export type Value = string | Value[] | { [key: string]: Value };

interface Line {
  indent: number;
  text: string;
}

const DEPTH_MAX = 20;

/** Returns the documents of a file, or `null` where one is written in a way that is not understood. */
export function documents(text: string): { [key: string]: Value }[] | null {
  try {
    return text
      .split(/^---.*$/m)
      .filter((part) => part.replace(/^\s*#.*$/gm, '').trim() !== '')
      .map((part) => {
        const reader = new Reader(part);
        const value = reader.block(0, 0);
        if (!reader.isDone || typeof value === 'string' || Array.isArray(value)) throw new Error('no mapping');
        return value;
      });
  } catch {
    return null;
  }
}

class Reader {
  private readonly lines: Line[];
  private at = 0;

  constructor(text: string) {
    this.lines = text.split('\n').map((line) => ({
      indent: line.length - line.trimStart().length,
      text: line.trim(),
    }));
  }

  get isDone(): boolean {
    this.skip();
    return this.at >= this.lines.length;
  }

  private skip(): void {
    while (this.at < this.lines.length && /^(#|$)/.test(this.lines[this.at]?.text ?? '')) this.at += 1;
  }

  private get line(): Line | undefined {
    this.skip();
    return this.lines[this.at];
  }

  /** Reads a mapping or a list whose lines stand at least so far in. */
  block(indent: number, depth: number): Value {
    if (depth > DEPTH_MAX) throw new Error('too deep');
    const first = this.line;
    if (!first || first.indent < indent) return '';
    return first.text === '-' || first.text.startsWith('- ')
      ? this.list(first.indent, depth)
      : this.mapping(first.indent, depth);
  }

  private list(indent: number, depth: number): Value[] {
    const items: Value[] = [];
    for (let line = this.line; line && line.indent === indent && /^-( |$)/.test(line.text); line = this.line) {
      const rest = line.text.slice(1).trimStart();
      if (rest === '') {
        this.at += 1;
        items.push(this.block(indent + 1, depth + 1));
      } else if (KEY.test(rest)) {
        // The first line of a mapping stands beside the dash: it is read as if it stood further in.
        const inner = indent + line.text.length - rest.length;
        this.lines[this.at] = { indent: inner, text: rest };
        items.push(this.mapping(inner, depth + 1));
      } else {
        this.at += 1;
        items.push(scalar(rest));
      }
    }
    return items;
  }

  private mapping(indent: number, depth: number): { [key: string]: Value } {
    const found: { [key: string]: Value } = Object.create(null) as { [key: string]: Value };
    for (let line = this.line; line && line.indent === indent; line = this.line) {
      const key = KEY.exec(line.text);
      if (!key) throw new Error('no key');
      this.at += 1;
      const name = bare(key[1] ?? '');
      const rest = comment(line.text.slice(key[0].length));
      if (/^[|>][+-]?\d*$/.test(rest)) found[name] = this.texts(indent);
      else if (rest !== '') found[name] = scalar(rest);
      else {
        const next = this.line;
        // A list may stand as far in as its key.
        const isList = next?.indent === indent && /^-( |$)/.test(next.text);
        found[name] = this.block(isList ? indent : indent + 1, depth + 1);
      }
    }
    return found;
  }

  private texts(indent: number): string {
    const parts: string[] = [];
    for (let line = this.lines[this.at]; line; line = this.lines[this.at]) {
      if (line.text !== '' && line.indent <= indent) break;
      parts.push(line.text);
      this.at += 1;
    }
    return parts.join(' ').trim();
  }
}

const KEY = /^('(?:[^']|'')*'|"(?:[^"\\]|\\.)*"|[^\s'"#:[{&*!|>][^:]*?)\s*:(?=\s|$)/;

function comment(text: string): string {
  const trimmed = text.trim();
  return /^['"]/.test(trimmed) ? trimmed : trimmed.replace(/(^|\s)#.*$/, '').trim();
}

function bare(text: string): string {
  if (text.length >= 2 && text.startsWith("'") && text.endsWith("'")) return text.slice(1, -1).replaceAll("''", "'");
  if (text.length >= 2 && text.startsWith('"') && text.endsWith('"')) {
    const read: unknown = JSON.parse(text);
    return String(read);
  }
  return text;
}

function scalar(written: string): Value {
  const text = comment(written);
  if (text.startsWith('[') && text.endsWith(']')) {
    const parts = text.slice(1, -1).match(/'(?:[^']|'')*'|"(?:[^"\\]|\\.)*"|[^,\s][^,]*/g) ?? [];
    return parts.map((part) => bare(part.trim()));
  }
  if (/^[{&*!|>[]/.test(text)) throw new Error('not understood');
  return bare(text);
}
