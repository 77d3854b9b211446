/** How alerts and cases are closed, in the order of the keys 1 to 5. */
import type { Schemas } from '../api/client';
import type { Phrase, Words } from '../app/words.svelte';
import { words } from './listWords';

export type Verdict = Schemas['Verdict'];

export const VERDICTS: readonly Verdict[] = ['true_positive', 'false_positive', 'benign', 'duplicate', 'indeterminate'];

/** Returns what people call a verdict. */
export function verdictPhrase(verdict: string): Phrase {
  const phrases: Words = words;
  return phrases[`verdict.${verdict}`] ?? [verdict, verdict];
}

/** Returns what a verdict means. */
export function verdictMeaning(verdict: string): Phrase {
  const phrases: Words = words;
  return phrases[`verdict.${verdict}.means`] ?? ['', ''];
}
