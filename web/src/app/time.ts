/** Times: in the viewer's zone, with UTC at hand. The server speaks RFC 3339 in UTC with microseconds. */
import { language } from './words.svelte';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Returns date and time to the second, in the viewer's zone; in English with the year first, which nobody misreads. */
export function local(time: string): string {
  return new Intl.DateTimeFormat(language() === 'en' ? 'en-CA' : language(), {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).format(new Date(time));
}

/** Returns the same in UTC, as the server wrote it, to the second. */
export function utc(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 19)} UTC`;
}

/** Returns the day that it is in UTC: `1 Mar 2026`. The server counts by such days, whatever the viewer's zone. */
export function utcDay(time: string, style: 'short' | 'medium' = 'medium'): string {
  const options =
    style === 'medium' ? ({ dateStyle: 'medium' } as const) : ({ day: '2-digit', month: 'short' } as const);
  return new Intl.DateTimeFormat(language(), { ...options, timeZone: 'UTC' }).format(new Date(time));
}

/** Returns how long ago it was: `3 minutes ago`, `il y a 3 minutes`. */
export function ago(time: string, now: number = Date.now()): string {
  const seconds = (new Date(time).getTime() - now) / 1000;
  const format = new Intl.RelativeTimeFormat(language(), { numeric: 'auto', style: 'short' });
  const size = Math.abs(seconds);
  if (size < MINUTE) return format.format(Math.round(seconds), 'second');
  if (size < HOUR) return format.format(Math.round(seconds / MINUTE), 'minute');
  if (size < DAY) return format.format(Math.round(seconds / HOUR), 'hour');
  return format.format(Math.round(seconds / DAY), 'day');
}

/** Returns a length of time with its two largest units: `2 h 5 min`. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts: [number, 'day' | 'hour' | 'minute' | 'second'][] = [
    [Math.floor(whole / DAY), 'day'],
    [Math.floor((whole % DAY) / HOUR), 'hour'],
    [Math.floor((whole % HOUR) / MINUTE), 'minute'],
    [whole % MINUTE, 'second'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  const shown =
    first < 0 ? parts.slice(3) : parts.slice(first, first + 2).filter(([count], index) => index === 0 || count > 0);
  return shown
    .map(([count, unit]) =>
      new Intl.NumberFormat(language(), { style: 'unit', unit, unitDisplay: 'short' }).format(count),
    )
    .join(' ');
}
