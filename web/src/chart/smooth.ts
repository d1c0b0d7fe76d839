/**
 * Smoothing that does not lie: an exponential moving average without the pull to its starting value. Pure.
 *
 * Each value weighs `weight` times the one after it, and the weights are divided by their sum, so that the first
 * value is itself and constants stay constant (Kingma and Ba 2015 correct Adam's averages in the same way). A value
 * depends on itself and what came before, never on what comes after: points that arrive do not change the past.
 */

export const MAX_WEIGHT = 0.99;

/**
 * The smoothed curve, as long as `values`.
 *
 * `weight` is 0 (the raw curve, bit for bit) to 0.99. What is not a finite number (NaN, infinity, null) is a gap:
 * it stays NaN, and the average begins anew behind it. What came before a gap says nothing about what comes after,
 * and an average carried over it would draw a curve where nothing was measured.
 */
export function smooth(values: ArrayLike<number | null>, weight: number): Float64Array {
  const kept = Math.min(MAX_WEIGHT, Math.max(0, weight));
  const smoothed = new Float64Array(values.length);
  let mean = 0;
  let remaining = 1; // weight ** (number of values averaged)
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? NaN;
    if (!Number.isFinite(value)) {
      remaining = 1;
      smoothed[index] = NaN;
      continue;
    }
    // The mean moves by the newest value's share of all weights: no sum that grows, so constants stay exact.
    const isFirst = remaining === 1;
    remaining *= kept;
    const share = (1 - kept) / (1 - remaining);
    mean = isFirst || kept === 0 ? value : mean + (value - mean) * share;
    smoothed[index] = mean;
  }
  return smoothed;
}
