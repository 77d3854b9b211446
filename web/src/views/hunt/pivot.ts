/** Narrowing a search by a value: conditions in the search language, whatever the value holds. */

/** Returns the condition that a field has just this value. */
export function compare(field: string, value: string): string {
  // Simple values are easier to read bare. Everything else is quoted: between quotes `*` and `?` are themselves.
  if (/^[\p{L}\p{N}_.@-]+$/u.test(value) && !/^(AND|OR|NOT|TO)$/.test(value) && !value.startsWith('-')) {
    return `${field}:${value}`;
  }
  // A backslash at the end would take the quote for itself, so there a pattern stands for it.
  if (value.endsWith('\\') || value.includes('\\"')) return `${field}:${pattern(value)}`;
  return `${field}:"${value.replaceAll('"', '\\"')}"`;
}

/** Returns a pattern that finds the value: each sign that the language would read otherwise stands for any one. */
function pattern(value: string): string {
  return value.replace(/[\s"()\\*?[\]{}<>=:]/g, '?');
}

/** Takes a condition apart at its outermost `AND`s; one with an outermost `OR` is one part. */
export function parts(query: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let quoted = false;
  let from = 0;
  let hasOr = false;
  const words = /"|\(|\)|\sAND\s|\s&&\s|\sOR\s|\s\|\|\s/g;
  for (let hit = words.exec(query); hit; hit = words.exec(query)) {
    const sign = hit[0].trim();
    if (sign === '"') {
      if (query[hit.index - 1] !== '\\') quoted = !quoted;
    } else if (quoted) {
      if (sign !== hit[0]) words.lastIndex = hit.index + 1;
    } else if (sign === '(') depth += 1;
    else if (sign === ')') depth -= 1;
    else if (depth === 0) {
      if (sign === 'AND' || sign === '&&') {
        found.push(query.slice(from, hit.index));
        from = hit.index + hit[0].length;
      } else hasOr = true;
      // The space may begin the next word.
      words.lastIndex = hit.index + hit[0].length - 1;
    }
  }
  found.push(query.slice(from));
  const all = found.map((part) => part.trim()).filter(Boolean);
  return hasOr && query.trim() ? [query.trim()] : all;
}

function hasOuterOr(query: string): boolean {
  return parts(query).length === 1 && /\sOR\s|\s\|\|\s/.test(query) && !/^\(.*\)$/s.test(query.trim());
}

function joined(query: string, condition: string, opposite: string): string {
  if (hasOuterOr(query)) return `(${query.trim()}) AND ${condition}`;
  const kept = parts(query).filter((part) => part !== condition && part !== opposite);
  return [...kept, condition].join(' AND ');
}

export function include(query: string, field: string, value: string): string {
  const condition = compare(field, value);
  return joined(query, condition, `NOT ${condition}`);
}

export function exclude(query: string, field: string, value: string): string {
  const condition = compare(field, value);
  return joined(query, `NOT ${condition}`, condition);
}

/** Returns the condition for lists of alerts and cases that they are about this value. */
export function about(value: string): string {
  // Their language has no sign for a quote between quotes.
  return value.includes('"') ? `entity:${pattern(value)}` : `entity:"${value}"`;
}
