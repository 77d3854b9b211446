/** What a row of the audit log says, field by field. */
import { vocabulary, word } from '../../app/vocabulary';
import type { Phrase } from '../../app/words.svelte';
import { verdictPhrase } from '../verdicts';

export interface Change {
  field: string;
  before: string;
  after: string;
}

const TEXT_MAX = 2_000;
/** Follows from the change itself, or says nothing to a reader. */
const SILENT = new Set([
  'id',
  'tenant',
  'case',
  'version',
  'updated',
  'updated_by',
  'stamp',
  'sha1',
  'md5',
  'owner',
  'created',
  'created_by',
  'number',
  'position',
  'on',
]);

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function said(value: unknown): string {
  if (value === undefined || value === null || value === '') return '';
  // Ids say nothing to a reader; how many there are does.
  if (Array.isArray(value) && value.every((one) => typeof one === 'string' && /^[0-9a-f]{32}$/.test(one)))
    return value.length > 0 ? String(value.length) : '';
  const isNames = Array.isArray(value) && value.every((one) => typeof one === 'string');
  const text = typeof value === 'string' ? value : isNames ? value.join(', ') : JSON.stringify(value);
  return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text;
}

function flat(table: Record<string, unknown>, into: Map<string, unknown>, under: string): void {
  for (const [name, value] of Object.entries(table)) {
    if (!under && SILENT.has(name)) continue;
    const path = under ? `${under}.${name}` : name;
    // Two levels are enough for what is kept on a case; deeper values are shown as they are.
    if (isTable(value) && !under) flat(value, into, path);
    else into.set(path, value);
  }
}

/** Returns the fields that a change was of. `details` is what the log has: `{before, after}`, or the new values alone. */
export function changesOf(details: unknown): Change[] {
  if (!isTable(details)) return [];
  const isBoth = isTable(details['before']) || isTable(details['after']);
  const { before, after, ...rest } = details;
  const was = new Map<string, unknown>();
  const is = new Map<string, unknown>();
  if (isTable(before)) flat(before, was, '');
  if (isTable(after)) flat(after, is, '');
  flat(isBoth ? rest : details, is, '');
  const names = [...new Set([...was.keys(), ...is.keys()])];
  return names
    .map((field) => ({ field, before: said(was.get(field)), after: said(is.get(field)) }))
    .filter((change) => change.before !== change.after);
}

/** Returns what people call a field's value, where it is a word of the API: a state, a severity, a verdict, yes or no. */
export function phraseOf(field: string, value: string): Phrase | undefined {
  if (value === 'true') return vocabulary.yes;
  if (value === 'false') return vocabulary.no;
  if (value === '') return undefined;
  if (field === 'status' || field === 'severity') return word(field, value);
  return field === 'resolution.verdict' ? verdictPhrase(value) : undefined;
}
