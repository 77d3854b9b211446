/** Where in a search the fault is: the server says the byte. */

export interface Fault {
  /** What is wrong, without the place. */
  text: string;
  /** How many characters stand before the fault; `null` where the server names no place. */
  at: number | null;
}

/** Returns how many UTF-16 units of a text take so many bytes of UTF-8. */
export function unitsBefore(text: string, bytes: number): number {
  let taken = 0;
  let units = 0;
  for (const character of text) {
    if (taken >= bytes) break;
    const code = character.codePointAt(0) ?? 0;
    taken += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    units += character.length;
  }
  return units;
}

export function readFault(query: string, message: string): Fault {
  const place = /^at byte (\d+): /.exec(message);
  if (!place) return { text: message, at: null };
  return { text: message.slice(place[0].length), at: unitsBefore(query, Number(place[1])) };
}
