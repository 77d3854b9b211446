/** A copy of a rule: the same text with ids and names of its own, so that both can be in force. */

/** Returns a random id in the form of a UUID. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function bare(value: string): string {
  return value.trim().replace(/^(['"])(.*)\1$/, '$2');
}

function isWordSign(sign: string | undefined): boolean {
  return sign !== undefined && /[\w-]/.test(sign);
}

function replaceWhole(text: string, word: string, by: string): string {
  let made = '';
  let from = 0;
  for (let place = text.indexOf(word); place >= 0; place = text.indexOf(word, place + word.length)) {
    if (isWordSign(text[place - 1]) || isWordSign(text[place + word.length])) continue;
    made += text.slice(from, place) + by;
    from = place + word.length;
  }
  return made + text.slice(from);
}

/** Returns the copy. References between the rules of the file go along; the first title says that it is a copy. */
export function copyOf(yaml: string, suffix: string, fresh: () => string = newId): string {
  let text = yaml;
  for (const [, value] of yaml.matchAll(/^id:[ \t]*(\S.*)$/gm)) text = replaceWhole(text, bare(value ?? ''), fresh());
  for (const [, value] of yaml.matchAll(/^name:[ \t]*(\S.*)$/gm)) {
    const name = bare(value ?? '');
    text = replaceWhole(text, name, `${name}_own`);
  }
  return text.replace(/^title:[ \t]*(\S.*)$/m, (_, value: string) => {
    const title = `${bare(value)} (${suffix})`;
    return `title: '${title.replaceAll("'", "''")}'`;
  });
}

/** Returns a name to keep a rule under, made of its title. */
export function nameOf(title: string): string {
  const name = title
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 60)
    .replace(/_+$/, '');
  return name || 'new_rule';
}

export const NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;

/** What a rule begins with where nothing is given. */
export function template(fresh: () => string = newId): string {
  return `title: A new rule
id: ${fresh()}
status: experimental
description: >-
    What it looks for and why that is worth an alert.
tags:
    - attack.t1110
logsource:
    product: linux
    service: sshd
detection:
    selection:
        action: login_failed
        user: root
    condition: selection
falsepositives:
    - Unknown
level: medium
`;
}
