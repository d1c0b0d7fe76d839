/** Trials of a sweep as marks and lines: which are drawn, in what shape, and which is meant by the pointer. Pure. */
import type { Scale, Value } from "./trial-scale";

/** What a picture must know of a trial. */
export interface TrialFacts {
  number: number;
  settings: Readonly<Record<string, Value>>;
  score: number | null;
  status: string;
  is_recipe: boolean;
}

/** More marks and lines than this nobody tells apart, and a browser begins to stumble. */
export const MAX_DRAWN = 1_000;
const OPEN = ["waiting", "running", "interrupted"];

/** By score, the best first; those without one last, by number. */
export function sortByScore<T extends TrialFacts>(trials: readonly T[]): T[] {
  return [...trials].sort(
    (one, other) => (other.score ?? -1) - (one.score ?? -1) || one.number - other.number,
  );
}

/** No more than `max` of them: half from the best on, the others evenly from the rest; in their order. */
export function pickDrawn<T extends TrialFacts>(trials: readonly T[], max = MAX_DRAWN): readonly T[] {
  if (trials.length <= max) return trials;
  const sorted = sortByScore(trials);
  const numBest = Math.ceil(max / 2);
  const rest = sorted.slice(numBest);
  const numRest = max - numBest;
  const spread = Array.from(
    { length: numRest },
    (_, index) => rest[Math.floor((index * rest.length) / numRest)]!,
  );
  const own = trials.filter((trial) => trial.is_recipe).slice(0, 1);
  const kept = new Set([...sorted.slice(0, numBest), ...spread, ...own].map(({ number }) => number));
  return trials.filter(({ number }) => kept.has(number));
}

export type Shape = "whole" | "early" | "failed" | "open";

/** The shape of a trial's mark, so that colour is never alone. */
export function shapeOf({ status }: Pick<TrialFacts, "status">): Shape {
  if (status === "finished") return "whole";
  if (status === "stopped early") return "early";
  return OPEN.includes(status) ? "open" : "failed";
}

/** The outline of a mark around a place, as SVG has it: a disc, a triangle, a cross, or a ring. */
export function outlineOf(shape: Shape, x: number, y: number, radius: number): string {
  const [r, w] = [round(radius), round(radius * 1.15)];
  if (shape === "early")
    return `M${round(x - w)},${round(y - w * 0.8)}h${2 * w}L${round(x)},${round(y + w)}Z`;
  if (shape === "failed")
    return `M${round(x - r)},${round(y - r)}l${2 * r},${2 * r}m0,${-2 * r}l${-2 * r},${2 * r}`;
  return `M${round(x - r)},${round(y)}a${r},${r} 0 1 0 ${2 * r},0a${r},${r} 0 1 0 ${-2 * r},0Z`;
}

/** A five-pointed star around a place: the best trial. */
export function starOf(x: number, y: number, radius: number): string {
  const points = Array.from({ length: 10 }, (_, index) => {
    const [angle, r] = [(index * Math.PI) / 5, index % 2 === 0 ? radius : radius * 0.45];
    return `${round(x + r * Math.sin(angle))},${round(y - r * Math.cos(angle))}`;
  });
  return `M${points.join("L")}Z`;
}

export interface Frame {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Mark {
  number: number;
  x: number;
  y: number;
}

/** Where each trial's mark stands; one without a score stands at the foot, one that the axis cannot show nowhere. */
export function placeMarks(
  trials: readonly TrialFacts[],
  setting: string,
  across: Scale,
  up: Scale,
  { left, top, width, height }: Frame,
): Mark[] {
  return trials.flatMap(({ number, settings, score }) => {
    const [x, y] = [across.place(settings[setting]), score === null ? 0 : up.place(score)];
    if (x === null || y === null) return [];
    return [{ number, x: left + x * width, y: top + height - y * height }];
  });
}

/** The mark nearest to a place, no farther than `reach`. */
export function nearestMark(marks: readonly Mark[], x: number, y: number, reach: number): Mark | null {
  let [found, least]: [Mark | null, number] = [null, reach ** 2];
  for (const mark of marks) {
    const distance = (mark.x - x) ** 2 + (mark.y - y) ** 2;
    if (distance <= least) [found, least] = [mark, distance];
  }
  return found;
}

/** The side of a mark, 1 right or -1 left, on which fewer others lie under a label of this width; within the frame. */
export function freeSide(marks: readonly Mark[], { x, y }: Mark, width: number, frame: Frame): 1 | -1 {
  const reach = 12;
  const covers = (side: 1 | -1) =>
    marks.filter(
      (mark) => Math.abs(mark.y - y) < reach && (mark.x - x) * side > 0 && (mark.x - x) * side < width,
    ).length;
  if (x + width > frame.left + frame.width) return -1;
  if (x - width < frame.left) return 1;
  return covers(1) <= covers(-1) ? 1 : -1;
}

export interface Line {
  number: number;
  /** Its height on each axis; null where the axis cannot show it. */
  ys: readonly (number | null)[];
}

/** Each trial as a line over axes that stand side by side, the last that of the score: heights from the top. */
export function placeLines(
  trials: readonly TrialFacts[],
  settings: readonly { name: string; scale: Scale }[],
  up: Scale,
  { top, height }: Pick<Frame, "top" | "height">,
): Line[] {
  const toY = (share: number | null) => (share === null ? null : top + height - share * height);
  return trials.map((trial) => ({
    number: trial.number,
    ys: [
      ...settings.map(({ name, scale }) => toY(scale.place(trial.settings[name]))),
      toY(trial.score === null ? 0 : up.place(trial.score)),
    ],
  }));
}

/** A line as SVG has it; it has gaps where an axis cannot show its value. */
export function pathOf({ ys }: Line, xs: readonly number[]): string {
  let path = "";
  let isDown = false;
  ys.forEach((y, index) => {
    if (y !== null) path += `${isDown ? "L" : "M"}${round(xs[index]!)},${round(y)}`;
    isDown = y !== null;
  });
  return path;
}

/** The line nearest above or below a place between two axes, no farther than `reach`. */
export function nearestLine(
  lines: readonly Line[],
  xs: readonly number[],
  x: number,
  y: number,
  reach: number,
): Line | null {
  const right = Math.min(
    xs.length - 1,
    Math.max(
      1,
      xs.findIndex((axis) => axis >= x),
    ),
  );
  const share = Math.min(1, Math.max(0, (x - xs[right - 1]!) / (xs[right]! - xs[right - 1]!)));
  let [found, least]: [Line | null, number] = [null, reach];
  for (const line of lines) {
    const [from, to] = [line.ys[right - 1], line.ys[right]];
    if (from === null || from === undefined || to === null || to === undefined) continue;
    const distance = Math.abs(from + (to - from) * share - y);
    if (distance <= least) [found, least] = [line, distance];
  }
  return found;
}

const round = (value: number) => Math.round(value * 10) / 10;
