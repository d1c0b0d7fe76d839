/** Dots with whiskers on one axis: where they lie, and where its ticks do. Pure. */

export interface Scale {
  min: number;
  max: number;
  ticks: number[];
}

const STEPS = [1, 2, 5, 10];

/** A scale from 0 to 1 (shares) with room around all values and about `count` round ticks. */
export function scaleShares(values: readonly number[], count = 4): Scale {
  const known = values.filter((value) => Number.isFinite(value));
  const [low, high] = known.length > 0 ? [Math.min(...known), Math.max(...known)] : [0, 1];
  const room = Math.max((high - low) * 0.06, 0.0005);
  const [min, max] = [Math.max(0, low - room), Math.min(1, high + room)];
  const rough = (max - min) / count;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = magnitude * (STEPS.find((factor) => factor * magnitude >= rough) ?? 10);
  const ticks: number[] = [];
  for (let index = Math.ceil(min / step); index * step <= max + step * 1e-9; index += 1)
    ticks.push(Number((index * step).toPrecision(12)));
  return { min, max, ticks };
}

/** Where a value lies, in per cent of the width. */
export function place({ min, max }: Scale, value: number): number {
  return max === min ? 50 : (100 * Math.min(Math.max(value - min, 0), max - min)) / (max - min);
}

/** Digits after the point that tell the ticks apart, as per cent. */
export function tickDigits({ ticks }: Scale): number {
  const step = ticks.length > 1 ? (ticks[1]! - ticks[0]!) * 100 : 1;
  return step >= 0.999 ? 0 : step >= 0.0999 ? 1 : 2;
}
