import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SENTENCES, translated } from './symptoms';

test.each([
  [
    '`linux_auth` of `acme` has sent nothing for 3 days; it used to send every 12 min',
    '« linux_auth » de « acme » n’a rien envoyé depuis 3 jours ; d’habitude, un envoi toutes les 12 min',
  ],
  [
    'the stage `log` has been held up for 90 s: write: no space left on device',
    'l’étape « log » est bloquée depuis 90 s : write: no space left on device',
  ],
  [
    '50.0 GiB of 1000.0 GiB are free on the disk of the data folder',
    '50.0 GiB sur 1000.0 GiB sont libres sur le disque du dossier de données',
  ],
  ['something new', 'something new'],
])('%s', (english, french) => {
  expect(translated(english, 'fr')).toBe(french);
  expect(translated(english, 'en')).toBe(english);
});

test('whatever the doctor can say has a translation', () => {
  const source = readFileSync(new URL('../../../../crates/server/src/doctor/rules.rs', import.meta.url), 'utf8');
  const code = source
    .replace(/^\s*\/\/.*$/gm, '')
    // A string goes on in the next line after a backslash.
    .replace(/\\\n\s*/g, '');
  const said = [...code.matchAll(/"((?:[^"\\]|\\.)*)"/g)]
    .map((found) => (found[1] ?? '').replace(/\{[^{}]*\}/g, '{}'))
    .filter((text) => text.split(' ').length > 4);
  expect(said.length).toBeGreaterThan(25);
  const known = new Set(SENTENCES.map(([english]) => english));
  expect(said.filter((text) => !known.has(text))).toEqual([]);
});
