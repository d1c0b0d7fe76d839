/** From values to pixels, and the span of an axis. Pure. */
import { visibleRange } from "./decimate";

export interface Axis {
  min: number;
  max: number;
  isLog: boolean;
}

/** What an axis must know of a curve. */
export interface Extent {
  xs: Float64Array;
  /** All lines that are drawn over `xs`. */
  lines: readonly Float64Array[];
}

/**
 * A function that gives a value its place on a length of pixels that begins at `start`; a negative length turns the
 * axis. What a logarithmic axis cannot show (0 and less) lies a little before its beginning: out of the picture.
 */
export function makeProjector(
  { min, max, isLog }: Axis,
  start: number,
  length: number,
): (value: number) => number {
  const before = start - Math.sign(length) * 20;
  if (isLog) {
    const low = Math.log(min);
    const factor = length / (Math.log(max) - low);
    return (value) => (value > 0 ? start + (Math.log(value) - low) * factor : before);
  }
  const factor = length / (max - min);
  return (value) => start + (value - min) * factor;
}

/** The value at a place: the other way round. */
export function unproject({ min, max, isLog }: Axis, share: number): number {
  return isLog ? min * (max / min) ** share : min + (max - min) * share;
}

/** The span of x over all curves; from the first x above 0 on a logarithmic axis. */
export function spanOfXs(curves: readonly Extent[], isLog: boolean): Axis {
  let [min, max] = [Infinity, -Infinity];
  for (const { xs } of curves) {
    const first = isLog ? xs.find((x) => x > 0) : xs[0];
    const last = xs.at(-1);
    if (first === undefined || last === undefined) continue;
    min = Math.min(min, first);
    max = Math.max(max, last);
  }
  if (min > max) return { min: isLog ? 1 : 0, max: isLog ? 10 : 1, isLog };
  if (min === max) return isLog ? { min: min / 2, max: max * 2, isLog } : { min, max: min + 1, isLog };
  return { min, max, isLog };
}

const MARGIN = 0.04;

/** The span of y of what is seen between two x, with a margin. */
export function spanOfYs(curves: readonly Extent[], x: Axis, isLog: boolean): Axis {
  let [min, max] = [Infinity, -Infinity];
  for (const { xs, lines } of curves) {
    const [from, to] = visibleRange(xs, x.min, x.max);
    for (const ys of lines) {
      const part = from === 0 && to === ys.length ? extremesOfAll(ys) : findExtremes(ys, from, to);
      min = Math.min(min, isLog ? part.leastPositive : part.least);
      max = Math.max(max, part.greatest);
    }
  }
  if (isLog && !(max > 0)) [min, max] = [Infinity, -Infinity];
  if (min > max) return { min: isLog ? 0.1 : 0, max: 1, isLog };
  if (isLog) {
    const factor = min === max ? 2 : (max / min) ** MARGIN;
    return { min: min / factor, max: max * factor, isLog };
  }
  const margin = (max - min) * MARGIN || Math.abs(max) * 0.1 || 1;
  return { min: min - margin, max: max + margin, isLog };
}

/** An axis around `centre`, `factor` times as long, but no longer than `whole`. */
export function zoomAxis(axis: Axis, whole: Axis, centre: number, factor: number): Axis {
  const { isLog } = axis;
  const [to, back] = isLog ? [Math.log, Math.exp] : [(value: number) => value, (value: number) => value];
  const place = Math.min(to(axis.max), Math.max(to(axis.min), to(centre)));
  const min = Math.max(to(whole.min), place - (place - to(axis.min)) * factor);
  const max = Math.min(to(whole.max), place + (to(axis.max) - place) * factor);
  return max > min ? { min: back(min), max: back(max), isLog } : axis;
}

const STEPS = [0.5, 1, 2, 5, 10];
const MULTIPLES = [[1], [1, 2, 5], [1, 2, 3, 4, 5, 6, 7, 8, 9]];

/** Round values from `min` to `max`, at most `count` or a few more: where an axis is marked. */
export function placeTicks({ min, max, isLog }: Axis, count: number): number[] {
  if (isLog) {
    const decades = Array.from(
      { length: Math.floor(Math.log10(max)) - Math.floor(Math.log10(min)) + 1 },
      (_, index) => 10 ** (Math.floor(Math.log10(min)) + index),
    );
    const finest = MULTIPLES.map((multiples) =>
      decades.flatMap((decade) => multiples.map((multiple) => tidy(decade * multiple))),
    ).map((ticks) => ticks.filter((tick) => tick >= min && tick <= max));
    const found = finest.findLast((ticks) => ticks.length >= 2 && ticks.length <= count);
    if (found) return found;
    const coarsest = finest[0]!;
    if (coarsest.length > count) {
      const every = Math.ceil(coarsest.length / count);
      return coarsest.filter((_tick, index) => index % every === 0);
    }
  }
  const rough = (max - min) / count;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const least = STEPS.findIndex((factor) => factor * magnitude >= rough * (1 - 1e-9));
  // A step of nearly the whole length may miss it: then the next smaller one.
  const ticks = STEPS.slice(0, least + 1).map((factor) => placeSteps(min, max, factor * magnitude));
  return ticks.findLast((found) => found.length >= 2) ?? ticks[0]!;
}

function placeSteps(min: number, max: number, step: number): number[] {
  const first = Math.ceil(min / step - 1e-9);
  const length = Math.floor(max / step + 1e-9) - first + 1;
  return Array.from({ length }, (_, index) => tidy((first + index) * step));
}

/** 0.30000000000000004 is 0.3. */
const tidy = (value: number) => Number(value.toPrecision(12));

interface Extremes {
  least: number;
  leastPositive: number;
  greatest: number;
}

/** Most charts show whole curves, of which few have changed since the last time. */
const known = new WeakMap<Float64Array, Extremes>();

function extremesOfAll(ys: Float64Array): Extremes {
  const before = known.get(ys);
  if (before) return before;
  const found = findExtremes(ys, 0, ys.length);
  known.set(ys, found);
  return found;
}

function findExtremes(ys: Float64Array, from: number, to: number): Extremes {
  let [least, leastPositive, greatest] = [Infinity, Infinity, -Infinity];
  for (let index = from; index < to; index += 1) {
    const y = ys[index]!;
    if (y < least) least = y;
    if (y > 0 && y < leastPositive) leastPositive = y;
    if (y > greatest) greatest = y;
  }
  return { least, leastPositive, greatest };
}
