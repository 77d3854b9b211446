/** The marks of a case: with whom it may be shared, what may be done with it, and its tags. */
import type { Schemas } from '../../api/client';

export const TLPS: readonly Schemas['Tlp'][] = ['clear', 'green', 'amber', 'amber-strict', 'red'];
export const PAPS: readonly Schemas['Pap'][] = ['clear', 'green', 'amber', 'red'];

/** What rules say of ATT&CK is told elsewhere, in its own order; among tags it would hide those that people gave. */
export function ownTags(tags: readonly string[]): string[] {
  return tags.filter((tag) => !tag.startsWith('attack.'));
}

/** Reads tags as people write them in one line: separated by commas, each once. */
export function tagsOf(text: string): string[] {
  const tags = text
    .split(',')
    .map((tag) => tag.trim())
    .filter(Boolean);
  return [...new Set(tags)];
}
