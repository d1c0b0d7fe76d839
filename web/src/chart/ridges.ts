/** Distributions over steps as ridges, one behind the other, the newest in front. Pure. */

export interface Ridge {
  /** The outline, closed along its own base line, as SVG has it. */
  path: string;
  /** Where its base line lies. */
  y: number;
}

export interface Frame {
  width: number;
  height: number;
  /** How high the tallest ridge is. */
  rise: number;
}

/** The share that is drawn as high as a ridge can be. A single spike, such as equal biases, must not flatten the rest. */
export function peakOf(shares: readonly (readonly number[])[]): number {
  const peaks = shares.map((row) => Math.max(0, ...row)).sort((a, b) => a - b);
  if (peaks.length === 0) return 1;
  const [highest, median] = [peaks[peaks.length - 1]!, peaks[Math.floor((peaks.length - 1) / 2)]!];
  return Math.min(highest, 3 * median) || highest || 1;
}

/** A ridge for each row of shares, the first at the back: [steps][bins] in, each bin drawn at its middle. */
export function toRidges(shares: readonly (readonly number[])[], { width, height, rise }: Frame): Ridge[] {
  const peak = peakOf(shares);
  const gap = shares.length > 1 ? (height - rise) / (shares.length - 1) : 0;
  return shares.map((row, index) => {
    const y = rise + index * gap;
    const points = row.map((share, bin) => {
      const x = ((bin + 0.5) / row.length) * width;
      return `${round(x)},${round(y - Math.min(1, share / peak) * rise)}`;
    });
    return { path: `M0,${round(y)}L${points.join("L")}L${round(width)},${round(y)}`, y };
  });
}

/** The ridge that a place belongs to: that whose base line is the next below it. */
export function ridgeAt(ridges: readonly Ridge[], y: number): number {
  const found = ridges.findIndex((ridge) => ridge.y >= y);
  return found === -1 ? ridges.length - 1 : found;
}

/** The last place of ascending steps that is not beyond a step; the first if all are. */
export const placeOf = (steps: readonly number[], step: number): number =>
  Math.max(
    0,
    steps.findLastIndex((known) => known <= step),
  );

/** All steps of several distributions, ascending. */
export const joinSteps = (every: readonly { steps: readonly number[] }[]): number[] =>
  [...new Set(every.flatMap(({ steps }) => steps))].sort((a, b) => a - b);

const round = (value: number) => Math.round(value * 10) / 10;
