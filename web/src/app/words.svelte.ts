/**
 * What the console says, in two languages. Each view has a `words.ts` of its own, so that it is loaded with the view:
 *
 * ```ts
 * export const words = { found: ['{n} alerts', '{n} alertes'] } as const satisfies Words;
 * ```
 * and says `t(words.found, { n: 3 })`.
 */

import { plain } from './signs';

/** English and French. `{name}` is filled in. */
export type Phrase = readonly [english: string, french: string];
export type Words = Record<string, Phrase>;
export type Language = 'en' | 'fr';

export const LANGUAGES: Record<Language, string> = { en: 'English', fr: 'Français' };
const KEPT_AS = 'vigie.language';

function first(): Language {
  const kept = localStorage.getItem(KEPT_AS);
  if (kept === 'en' || kept === 'fr') return kept;
  return navigator.language.toLowerCase().startsWith('fr') ? 'fr' : 'en';
}

const state = $state({ language: first() });
document.documentElement.lang = state.language;

export function language(): Language {
  return state.language;
}

export function speak(chosen: Language): void {
  state.language = chosen;
  localStorage.setItem(KEPT_AS, chosen);
  document.documentElement.lang = chosen;
}

/**
 * Returns the phrase in the reader's language; numbers are set as that language sets them. What is filled in may come from
 * outside, and labels are read by themselves, so nothing in it hides or turns text.
 */
export function t(phrase: Phrase, values: Record<string, string | number> = {}): string {
  const text = phrase[state.language === 'fr' ? 1 : 0];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? number(value) : plain(value);
  });
}

/** Returns the phrase for one or for several, `n` filled in. In French none is singular too. */
export function plural(n: number, one: Phrase, several: Phrase, values: Record<string, string | number> = {}): string {
  const rule = new Intl.PluralRules(state.language).select(n);
  return t(rule === 'one' ? one : several, { n, ...values });
}

/** Returns a number as the language sets it: `12,345` or `12 345`. */
export function number(value: number, options: Intl.NumberFormatOptions = {}): string {
  return new Intl.NumberFormat(state.language, options).format(value);
}

/** Returns a number for narrow places: `12.3K`, `12,3 k`. */
export function short(value: number): string {
  return number(value, { notation: 'compact', maximumFractionDigits: 1 });
}
