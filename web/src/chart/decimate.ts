/**
 * Which points of a curve must be drawn so that it looks as if all were. Pure.
 *
 * Of all points that fall into one column of pixels the first, the least, the greatest and the last are kept (M4,
 * Jugel et al. 2014): the lines through them cover the same pixels as the lines through all. Averaging or leaving
 * out every n-th point would hide the spikes for which a person looks at a loss curve.
 */

/** Points a column keeps at most. */
export const KEPT_OF_COLUMN = 4;

/**
 * Indices into a curve, ascending: the points to be joined by lines. A NaN that is kept is a gap.
 *
 * Args: `xs` ascending; `ys` as long, NaN where nothing was measured; `columnOf` gives an x its column of pixels,
 * ascending with x; points with `from` ≤ index < `to` are looked at.
 */
export function decimate(
  xs: ArrayLike<number>,
  ys: ArrayLike<number>,
  columnOf: (x: number) => number,
  from = 0,
  to = xs.length,
): number[] {
  const kept: number[] = [];
  let column = NaN;
  let [first, least, greatest, last] = [-1, -1, -1, -1];
  const flush = () => {
    if (first < 0) return;
    const [early, late] = least < greatest ? [least, greatest] : [greatest, least];
    kept.push(first);
    if (early !== first) kept.push(early);
    if (late !== early && late !== first) kept.push(late);
    if (last !== late && last !== early && last !== first) kept.push(last);
    first = -1;
  };
  for (let index = from; index < to; index += 1) {
    const y = ys[index]!;
    if (y !== y) {
      flush();
      if (kept.length > 0 && !isGap(ys, kept[kept.length - 1]!)) kept.push(index);
      continue;
    }
    const next = columnOf(xs[index]!);
    if (first < 0 || next !== column) {
      flush();
      column = next;
      first = least = greatest = index;
    } else {
      if (y < ys[least]!) least = index;
      if (y > ys[greatest]!) greatest = index;
    }
    last = index;
  }
  flush();
  return kept;
}

const isGap = (ys: ArrayLike<number>, index: number) => Number.isNaN(ys[index]);

/** The first index whose x is not less than `x`; the length if there is none. `xs` ascend. */
export function lowerBound(xs: ArrayLike<number>, x: number): number {
  let [low, high] = [0, xs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (xs[middle]! < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The points from `min` to `max` and one more at either side, to which lines lead that enter the picture. */
export function visibleRange(xs: ArrayLike<number>, min: number, max: number): [from: number, to: number] {
  let to = lowerBound(xs, max);
  while (to < xs.length && xs[to]! <= max) to += 1;
  return [Math.max(0, lowerBound(xs, min) - 1), Math.min(xs.length, to + 1)];
}

/** The index of the point nearest to `x` that has a value; -1 if none has. `xs` ascend. */
export function nearest(xs: ArrayLike<number>, ys: ArrayLike<number>, x: number): number {
  const right = lowerBound(xs, x);
  let [before, after] = [right - 1, right];
  while (before >= 0 && isGap(ys, before)) before -= 1;
  while (after < xs.length && isGap(ys, after)) after += 1;
  if (before < 0) return after < xs.length ? after : -1;
  if (after >= xs.length) return before;
  return x - xs[before]! <= xs[after]! - x ? before : after;
}
