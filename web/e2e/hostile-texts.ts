/** What attackers write into every field that somebody will look at, and how a page shows it. */

/** One text for each way to do harm: to run, to lead elsewhere, to reverse, to hide, to end early. */
export const TEXTS = {
  markup: '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>',
  link: '[x](javascript:window.pwned=1)![x](https://evil.example/x.png)',
  template: '${7*7}{{7*7}}%s%n',
  formula: `=cmd|'/C calc'!A0`,
  reversed: 'invoice\u202Efdp.exe',
  control: '\u001b[31mred\u001b[0m\u0007',
  nul: 'before\u0000after',
} as const;

const ALL = Object.values(TEXTS).join(' ');
/** The same for what must be one printable line: names of people, lists and clients. */
const PRINTABLE = [TEXTS.markup.slice(0, 36), TEXTS.reversed].join(' ');

/** A megabyte without a place to break the line. */
export const MEGABYTE = 'A'.repeat(1_000_000);

/** What stands on a page for what cannot be seen. */
const SIGNS: Record<string, string> = { '\u0000': 'NUL', '\u0007': 'BEL', '\u001b': 'ESC', '\u202e': 'RLO' };

/** Signs that must never reach a page as they are. */
export const INVISIBLE = /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/;

/** Returns a text as it stands on a page, without blanks and case: how lines break and titles look is not asked here. */
export function asShown(text: string): string {
  return text
    .replace(/[\u0000\u0007\u001b\u202e]/g, (sign) => SIGNS[sign] ?? sign)
    .replace(/\s+/g, '')
    .toLowerCase();
}

/** Fields filled with hostile text; each is to be found on some page, all of it. */
export class Planted {
  readonly #fields = new Map<string, string>();

  /** Returns all texts at once, after the field's name. */
  all(field: string): string {
    return this.#keep(field, `«${field}» ${ALL}`);
  }

  /** Returns a text of printable signs alone, after the field's name. */
  printable(field: string): string {
    return this.#keep(field, `«${field}» ${PRINTABLE}`);
  }

  /** Returns a value for each text, for what holds several short ones. */
  each(field: string): string[] {
    return Object.entries(TEXTS).map(([name, text]) => this.#keep(`${field}.${name}`, `«${field}.${name}» ${text}`));
  }

  /** Returns a name for each text that a form can carry: a header holds no control characters, a name no path. */
  fileNames(field: string): string[] {
    return Object.entries(TEXTS).map(([name, text]) => {
      const plain = text.replace(/[/"\u0000-\u001f]/g, '-');
      return this.#keep(`${field}.${name}`, `«${field}.${name}» ${plain}`);
    });
  }

  /** Takes off the list what is on this page, whole. */
  see(page: string): void {
    // Where no element can stand, the name of a sign is in brackets.
    const shown = asShown(page).replace(/\[(nul|bel|esc|rlo)\]/g, '$1');
    for (const [field, text] of this.#fields) if (shown.includes(asShown(text))) this.#fields.delete(field);
  }

  /** The fields that no page has shown so far. */
  unseen(): string[] {
    return [...this.#fields.keys()];
  }

  #keep(field: string, text: string): string {
    this.#fields.set(field, text);
    return text;
  }
}
