/** A curve of a chart, what it says at a place, and which one a pointer means. Pure. */
import type { Axis, Extent } from "./axis";
import { makeProjector } from "./axis";
import { nearest } from "./decimate";

export interface Curve {
  id: string;
  /** Its name for people. */
  label: string;
  /** Its number in look.ts: colour and dash. */
  look: number;
  /** Ascending. Arrays are never changed in place: new points come as a new array. */
  xs: Float64Array;
  /** The line; NaN is a gap. */
  ys: Float64Array;
  /** What was measured, drawn faint underneath where `ys` is smoothed; null where `ys` is the measurement. */
  raw: Float64Array | null;
  /** The interval of each point, if it has one. */
  low: Float64Array | null;
  high: Float64Array | null;
  /** Whether `low` and `high` span several runs: an area, however few the points, and no interval of each. */
  isBand: boolean;
}

/** A curve with nothing but a line. */
export function makeCurve(
  id: string,
  label: string,
  look: number,
  xs: Float64Array,
  ys: Float64Array,
): Curve {
  return { id, label, look, xs, ys, raw: null, low: null, high: null, isBand: false };
}

export function extentOf({ xs, ys, raw, low, high }: Curve): Extent {
  return { xs, lines: [ys, raw, low, high].filter((line) => line !== null) };
}

export interface Reading {
  x: number;
  y: number;
  raw: number | null;
  low: number | null;
  high: number | null;
}

/** What a curve says at the measured point nearest to `x`; null beyond its ends. */
export function readAt({ xs, ys, raw, low, high }: Curve, x: number): Reading | null {
  if (xs.length === 0 || x < xs[0]! || x > xs[xs.length - 1]!) return null;
  return readIndex({ xs, ys, raw, low, high }, nearest(xs, ys, x));
}

/** What a curve says last; null if it says nothing. */
export function readLast(curve: Pick<Curve, "xs" | "ys" | "raw" | "low" | "high">): Reading | null {
  return readIndex(
    curve,
    curve.ys.findLastIndex((y) => !Number.isNaN(y)),
  );
}

function readIndex(
  { xs, ys, raw, low, high }: Pick<Curve, "xs" | "ys" | "raw" | "low" | "high">,
  index: number,
): Reading | null {
  if (index < 0) return null;
  const of = (line: Float64Array | null) => line?.[index] ?? null;
  return { x: xs[index]!, y: ys[index]!, raw: of(raw), low: of(low), high: of(high) };
}

/** The curve whose point nearest in x lies nearest in y to a place, at most `reach` pixels away; null if none does. */
export function curveAt(
  curves: readonly Curve[],
  y: Axis,
  place: { x: number; top: number; height: number },
  reach: number,
): Curve | null {
  const project = makeProjector(y, place.height, -place.height);
  let [best, distance] = [null as Curve | null, reach];
  for (const curve of curves) {
    const reading = readAt(curve, place.x);
    if (!reading) continue;
    const away = Math.abs(project(reading.y) - place.top);
    if (away <= distance) [best, distance] = [curve, away];
  }
  return best;
}

/** `count` places from one end of an axis to the other, whole numbers, each once: the rows of a table. */
export function spreadPlaces({ min, max, isLog }: Axis, count: number): number[] {
  const place = (share: number) => (isLog ? min * (max / min) ** share : min + (max - min) * share);
  const places = Array.from({ length: count }, (_, index) => place(index / (count - 1)));
  return max - min < count ? places : [...new Set(places.map(Math.round))];
}
