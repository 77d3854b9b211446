/** Counts by day as bars: a bar for each day, also for those without any. */

export interface Day {
  readonly day: string;
  readonly count: number;
}

const DAY_MS = 86_400_000;
/** So many bars at most; the oldest days are left out. */
const BARS_MAX = 366;

/** Returns every day in UTC from one time up to and with another, with its count. */
export function filled(counts: readonly Day[], from: Date, until: Date): Day[] {
  const known = new Map(counts.map((one) => [one.day.slice(0, 10), one.count]));
  const last = Math.floor(until.getTime() / DAY_MS);
  const first = Math.max(Math.floor(from.getTime() / DAY_MS), last - BARS_MAX + 1);
  const days: Day[] = [];
  for (let day = first; day <= last; day += 1) {
    const name = new Date(day * DAY_MS).toISOString().slice(0, 10);
    days.push({ day: name, count: known.get(name) ?? 0 });
  }
  return days;
}
