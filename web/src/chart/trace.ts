/** From curves to lines, bands and whiskers in pixels, for anything that can be drawn on as a Path2D can. Pure. */
import { makeProjector, type Axis } from "./axis";
import { decimate, visibleRange } from "./decimate";

/** The plotting area in pixels of the canvas, and what it shows. */
export interface Frame {
  left: number;
  top: number;
  width: number;
  height: number;
  /** Pixels of the canvas for one of the page. */
  ratio: number;
  x: Axis;
  y: Axis;
}

export interface Sink {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
}

function project(frame: Frame): [toX: (x: number) => number, toY: (y: number) => number] {
  return [
    makeProjector(frame.x, frame.left, frame.width),
    makeProjector(frame.y, frame.top + frame.height, -frame.height),
  ];
}

/** Points between which a curve is drawn; 0 has no place on a logarithmic axis of x. */
function seen(xs: Float64Array, { x }: Frame): [from: number, to: number] {
  const [from, to] = visibleRange(xs, x.min, x.max);
  return x.isLog && from < to && xs[from]! <= 0 ? [from + 1, to] : [from, to];
}

/** A line through all points that are seen, broken at gaps; a point alone becomes a dot. Gives the number of its corners. */
export function traceLine(xs: Float64Array, ys: Float64Array, frame: Frame, sink: Sink): number {
  const [toX, toY] = project(frame);
  const [from, to] = seen(xs, frame);
  const kept = decimate(xs, ys, (x) => Math.floor(toX(x)), from, to);
  let isDown = false;
  let corners = 0;
  kept.forEach((index, place) => {
    const y = ys[index]!;
    if (Number.isNaN(y)) {
      isDown = false;
      return;
    }
    // Between two neighbours of the same height a point is no corner.
    if (isDown && y === ys[kept[place - 1]!] && y === ys[kept[place + 1] ?? -1]) return;
    corners += 1;
    const [left, top] = [toX(xs[index]!), toY(y)];
    if (isDown) sink.lineTo(left, top);
    else {
      sink.moveTo(left, top);
      const next = kept[place + 1];
      if (next === undefined || Number.isNaN(ys[next])) sink.lineTo(left + 0.01, top);
    }
    isDown = true;
  });
  return corners;
}

/** The outline of the area between two lines: along the upper, back along the lower, for each part without a gap. */
export function traceBand(
  xs: Float64Array,
  low: Float64Array,
  high: Float64Array,
  frame: Frame,
  sink: Sink,
): number {
  const [toX, toY] = project(frame);
  const [from, to] = seen(xs, frame);
  let corners = 0;
  const column = (x: number) => Math.floor(toX(x));
  const parts = splitAtGaps(low, from, to);
  for (const [start, end] of parts) {
    const upper = decimate(xs, high, column, start, end);
    const lower = decimate(xs, low, column, start, end).reverse();
    upper.forEach((index, place) =>
      place === 0
        ? sink.moveTo(toX(xs[index]!), toY(high[index]!))
        : sink.lineTo(toX(xs[index]!), toY(high[index]!)),
    );
    for (const index of lower) sink.lineTo(toX(xs[index]!), toY(low[index]!));
    corners += upper.length + lower.length;
  }
  return corners;
}

function splitAtGaps(ys: Float64Array, from: number, to: number): [from: number, to: number][] {
  const parts: [number, number][] = [];
  let start = -1;
  for (let index = from; index <= to; index += 1) {
    const isGap = index === to || Number.isNaN(ys[index]);
    if (!isGap && start < 0) start = index;
    if (isGap && start >= 0) {
      parts.push([start, index]);
      start = -1;
    }
  }
  return parts;
}

/** The places of the points that are seen: to mark them one by one. */
export function placePoints(
  xs: Float64Array,
  ys: Float64Array,
  frame: Frame,
): { index: number; left: number; top: number }[] {
  const [toX, toY] = project(frame);
  const [from, to] = seen(xs, frame);
  const places = [];
  for (let index = from; index < to; index += 1)
    if (!Number.isNaN(ys[index])) places.push({ index, left: toX(xs[index]!), top: toY(ys[index]!) });
  return places;
}

/** The place of a value of y. */
export function placeY(y: number, frame: Frame): number {
  return project(frame)[1](y);
}

/** Whether the points that are seen lie so far apart that each can be marked. */
export function isSparse(xs: Float64Array, ys: Float64Array, frame: Frame): boolean {
  const [from, to] = seen(xs, frame);
  const limit = frame.width / frame.ratio / 14;
  if (to - from > 50 * limit) return false;
  let count = 0;
  for (let index = from; index < to; index += 1) count += Number.isNaN(ys[index]) ? 0 : 1;
  return count <= limit;
}
