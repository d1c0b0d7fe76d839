/** How sure an accuracy is. Pure. The server counts the same way (inkproof.diagnosis.metrics.wilson). */

/** 95 % of a normal distribution lie within so many standard deviations. */
const Z95 = 1.959963984540054;

/** The 95 % interval (Wilson 1927) of a share `value` (0 to 1) seen on `n` images; NaN for NaN. */
export function wilson(value: number, n: number): [low: number, high: number] {
  const centre = value + Z95 ** 2 / (2 * n);
  const reach = Z95 * Math.sqrt((value * (1 - value)) / n + Z95 ** 2 / (4 * n ** 2));
  const scale = 1 + Z95 ** 2 / n;
  // Where all or none were right the end is exact, not the last bit of a float away from it.
  return [
    value === 0 ? 0 : Math.max(0, (centre - reach) / scale),
    value === 1 ? 1 : Math.min(1, (centre + reach) / scale),
  ];
}
