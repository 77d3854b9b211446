/** What the Reports view computes: addresses of reports, days, and the contrast of a colour. */
import { address } from '../../api/client';

export type Kind = 'weekly' | 'monthly' | 'incident';
export type Format = 'html' | 'pdf';

/** What a report that is made now is to be about. */
export interface Wish {
  kind: Kind;
  tenant: string;
  /** The case of an incident's report. */
  case: string;
  /** A day, `2026-11-23`, or empty for now. */
  until: string;
  language: string;
}

export const LOGO_BYTES_MAX = 256 * 1024;
export const CONTRAST_MIN = 4.5;
/** The colour that the server takes where nobody chose one. */
export const USUAL_ACCENT = '#14304d';

/** Returns where a report is made, or nothing where something is missing. */
export function reportAddress(wish: Wish, format: Format): string | null {
  if (wish.kind === 'incident') {
    if (!wish.case) return null;
    return address('/api/v1/cases/{id}/report', { id: wish.case }, { language: wish.language, format });
  }
  if (!wish.tenant) return null;
  const query = { tenant: wish.tenant, until: midnight(wish.until), language: wish.language, format };
  return address(`/api/v1/reports/${wish.kind}`, {}, query);
}

/** Returns the beginning of a day in UTC, in which reports count their days, or nothing. */
export function midnight(day: string): string {
  return /^\d{4}-\d{2}-\d{2}$/.test(day) ? `${day}T00:00:00Z` : '';
}

/** Returns the last day of a span, whose end is not in it. */
export function lastDay(to: string): string {
  return new Date(new Date(to).getTime() - 1).toISOString();
}

/** Returns the contrast of white on a colour, 1 to 21 (WCAG 2.2), or nothing where it is no colour. */
export function contrastOfWhite(colour: string): number | null {
  const digits = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour);
  if (!digits) return null;
  const linear = digits.slice(1).map((pair) => {
    const part = parseInt(pair, 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  const [red = 0, green = 0, blue = 0] = linear;
  return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05);
}

/** Returns the addresses of a text, one a line or with commas between them. */
export function addresses(text: string): string[] {
  return text
    .split(/[\n,;]+/)
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

/** Returns the name of a day of the week, from 1 for Monday, in a language. */
export function weekday(day: number, language: string): string {
  // The first of January 2024 was a Monday.
  const date = new Date(Date.UTC(2024, 0, day));
  return new Intl.DateTimeFormat(language, { weekday: 'long', timeZone: 'UTC' }).format(date);
}

/** Returns a day as a language sets it; reports count days in UTC. */
export function dayOf(time: string, language: string): string {
  return new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' }).format(
    new Date(time),
  );
}

/** Returns an hour on the wall of a time zone: `06:00 Europe/Paris`. */
export function hourIn(hour: number, zone: string): string {
  return `${String(hour).padStart(2, '0')}:00 ${zone}`;
}

/** Returns the bytes of a file in Base64, without what a data address begins with. */
export function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(text);
}
