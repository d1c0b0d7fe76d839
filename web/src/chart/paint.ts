/** Painting curves on a canvas. Lines are kept as paths until their points or the picture's axes change. */
import type { Curve } from "./curve";
import type { Drawing } from "./frames";
import { lookOf } from "./look";
import { isSparse, placePoints, placeY, traceBand, traceLine, type Frame } from "./trace";

const LINE_PX = 1.75;
const FAINT = 0.3;
const BAND = 0.16;
/** How far curves step back while another one is pointed at. */
const AWAY = 0.25;
const POINT_PX = 2.4;
const CAP_PX = 3;

interface Kept {
  key: string;
  path: Path2D;
  corners: number;
}

export class Painter {
  #lines = new WeakMap<Float64Array, Kept>();
  #bands = new WeakMap<Float64Array, Kept>();

  /** `toColour` gives the canvas a colour of the page; `focus` is the id of the curve pointed at. */
  *paint(
    context: CanvasRenderingContext2D,
    curves: readonly Curve[],
    frame: Frame,
    toColour: (css: string) => string,
    focus: string | null,
  ): Drawing {
    const key = JSON.stringify(frame);
    const hasFocus = curves.some(({ id }) => id === focus);
    const ordered = hasFocus
      ? curves.toSorted((one, other) => +(one.id === focus) - +(other.id === focus))
      : curves;
    const strengthOf = (curve: Curve) => (hasFocus && curve.id !== focus ? AWAY : 1);
    context.lineJoin = "round";
    for (const curve of ordered) {
      const { colour, dash } = lookOf(curve.look);
      context.strokeStyle = context.fillStyle = toColour(colour);
      yield this.#paintUnder(context, curve, frame, key, strengthOf(curve));
      const line = this.#line(curve.xs, curve.ys, frame, key);
      context.globalAlpha = strengthOf(curve);
      context.lineWidth = LINE_PX * frame.ratio * (curve.id === focus ? 1.5 : 1);
      context.setLineDash(dash.map((length) => length * frame.ratio));
      context.stroke(line.path);
      context.setLineDash([]);
      if (isSparse(curve.xs, curve.ys, frame)) paintPoints(context, curve, frame);
      yield line.corners;
    }
  }

  /** What lies under a line: the measurements it smooths, and how sure it is. */
  #paintUnder(
    context: CanvasRenderingContext2D,
    { xs, ys, raw, low, high, isBand }: Curve,
    frame: Frame,
    key: string,
    strength: number,
  ): number {
    let corners = 0;
    if (raw) {
      const line = this.#line(xs, raw, frame, key);
      context.globalAlpha = FAINT * strength;
      context.lineWidth = frame.ratio;
      context.stroke(line.path);
      corners += line.corners;
    }
    if (low && high && (isBand || !isSparse(xs, ys, frame))) {
      const band = keep(this.#bands, low, key, (path) => traceBand(xs, low, high, frame, path));
      context.globalAlpha = BAND * strength;
      context.fill(band.path);
      corners += band.corners;
    }
    return corners;
  }

  #line(xs: Float64Array, ys: Float64Array, frame: Frame, key: string): Kept {
    return keep(this.#lines, ys, key, (path) => traceLine(xs, ys, frame, path));
  }
}

/** The path kept for an array, made anew when the picture is another one. */
function keep(
  kept: WeakMap<Float64Array, Kept>,
  of: Float64Array,
  key: string,
  trace: (path: Path2D) => number,
): Kept {
  const before = kept.get(of);
  if (before?.key === key) return before;
  const path = new Path2D();
  const next = { key, path, corners: trace(path) };
  kept.set(of, next);
  return next;
}

/** Each point as a dot, with its interval as a whisker. */
function paintPoints(
  context: CanvasRenderingContext2D,
  { xs, ys, low, high, isBand }: Curve,
  frame: Frame,
): void {
  const { ratio } = frame;
  context.lineWidth = ratio;
  for (const { index, left, top } of placePoints(xs, ys, frame)) {
    context.beginPath();
    context.arc(left, top, POINT_PX * ratio, 0, 2 * Math.PI);
    context.fill();
    if (!low || !high || isBand) continue;
    context.beginPath();
    for (const end of [placeY(low[index]!, frame), placeY(high[index]!, frame)]) {
      context.moveTo(left - CAP_PX * ratio, end);
      context.lineTo(left + CAP_PX * ratio, end);
      context.moveTo(left, top);
      context.lineTo(left, end);
    }
    context.stroke();
  }
}
