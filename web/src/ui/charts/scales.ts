/** The arithmetic of charts: pure, so that it is tested without a page. */

/** Returns round steps from 0 to a number at or above the greatest, at most five of them. */
export function ticks(most: number): number[] {
  if (!(most > 0)) return [0, 1];
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const nice = [1, 2, 2.5, 5, 10].map((step) => step * power).find((step) => step >= rough) ?? 10 * power;
  // What is counted is whole.
  const step = Math.max(1, nice % 1 === 0 ? nice : Math.ceil(nice));
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, index) => index * step);
}

/** A piece of a stacked bar: of which series, from where to where on the scale. */
export interface Piece {
  series: number;
  from: number;
  to: number;
}

/** Puts the parts of a bar on top of each other; parts of nothing are left out. */
export function stack(parts: readonly number[]): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  parts.forEach((part, series) => {
    if (part <= 0) return;
    pieces.push({ series, from, to: from + part });
    from += part;
  });
  return pieces;
}

export function sum(parts: readonly number[]): number {
  return parts.reduce((total, part) => total + part, 0);
}

/** Where bars stand along a line of so many pixels. */
export interface Places {
  step: number;
  width: number;
  left: (index: number) => number;
  /** Which bar is at a place; held within the first and the last. */
  at: (x: number) => number;
}

export function places(count: number, length: number): Places {
  const step = count > 0 ? length / count : length;
  const width = Math.max(1, step > 6 ? step - 2 : step > 3 ? step - 1 : step);
  return {
    step,
    width,
    left: (index) => index * step + (step - width) / 2,
    at: (x) => Math.min(Math.max(count - 1, 0), Math.max(0, Math.floor(x / step))),
  };
}

/** Returns which bars get a label below, so that labels of this width do not touch. */
export function labelled(count: number, length: number, labelWidth: number): number[] {
  const most = Math.max(1, Math.floor(length / labelWidth));
  const every = Math.max(1, Math.ceil(count / most));
  return Array.from({ length: Math.ceil(count / every) }, (_, index) => index * every);
}

/** Returns how dark a cell is, 0 to 4: by magnitude, since one technique may fire a thousand times as often as another. */
export function shade(value: number, most: number): number {
  if (value <= 0 || most <= 0) return 0;
  if (most === 1) return 2;
  return Math.min(4, 1 + Math.floor((Math.log(value) / Math.log(most)) * 3.999));
}

/** Returns a share of a whole in percent: never 0 for something, nor 100 for less than all. */
export function percent(part: number, whole: number): number {
  if (whole <= 0 || part <= 0) return 0;
  if (part >= whole) return 100;
  return Math.min(99, Math.max(1, Math.round((part / whole) * 100)));
}
