/** The axes on which a sweep's trials are drawn: one for each searched setting, and one for the accuracy. Pure. */
import { placeTicks, type Axis } from "./axis";

export type Value = boolean | number | string;

/** What an axis must know of a searched setting. */
export interface Searched {
  name: string;
  choices: readonly Value[] | null;
  low: number | null;
  high: number | null;
  is_log: boolean;
  /** The recipe's own value. */
  own: Value | null;
}

export interface Tick {
  /** Its place, from 0 at the beginning of the axis to 1 at its end. */
  share: number;
  value: Value;
}

export interface Scale {
  /** The place of a value, from 0 to 1; null for what the axis cannot show. */
  place: (value: Value | null | undefined) => number | null;
  ticks: readonly Tick[];
}

/** How far the outermost values lie from the ends of an axis, as a share of it. */
const MARGIN = 0.05;
const MAX_TICKS = 6;

/** The axis of a setting. The recipe's own value is on it, also where it is not searched. */
export function scaleOfSetting({ choices, low, high, is_log, own }: Searched, maxTicks = MAX_TICKS): Scale {
  if (choices !== null || low === null || high === null) return scaleOfChoices(choices ?? [], own);
  const known = typeof own === "number" && (own > 0 || !is_log) ? [low, high, own] : [low, high];
  const [to, back] = is_log ? [Math.log, Math.exp] : [(value: number) => value, (value: number) => value];
  const [first, last] = [to(Math.min(...known)), to(Math.max(...known))];
  const reach = (last - first) * MARGIN;
  const [from, length] = [first - reach, last - first + 2 * reach];
  const place = (value: Value | null | undefined) =>
    typeof value === "number" && (value > 0 || !is_log) ? (to(value) - from) / length : null;
  const axis: Axis = { min: back(first), max: back(last), isLog: is_log };
  const ticks = placeTicks(axis, maxTicks).map((value) => ({ value, share: place(value)! }));
  return { place, ticks };
}

function scaleOfChoices(choices: readonly Value[], own: Value | null): Scale {
  const all = own === null || choices.includes(own) ? [...choices] : [...choices, own];
  if (all.every((value) => typeof value === "number")) all.sort((one, other) => Number(one) - Number(other));
  const place = (value: Value | null | undefined) => {
    const index = value === null || value === undefined ? -1 : all.indexOf(value);
    return index === -1 ? null : (index + 0.5) / all.length;
  };
  return { place, ticks: all.map((value) => ({ value, share: place(value)! })) };
}

/** Accuracies at which an axis that spreads the best apart may be marked. */
const MARKS = [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999];
/** No set of images is so large that less than this share of errors could be told from none. */
const LEAST_ERROR = 1e-5;

/**
 * The axis of the accuracy, from the worst to the best score. Evenly, or `isSpread`: by orders of magnitude of the
 * errors, so that 98 and 99 % lie as far apart as 80 and 90 %.
 */
export function scaleOfScores(scores: readonly number[], isSpread: boolean, maxTicks = MAX_TICKS): Scale {
  const known = scores.length > 0 ? scores : [0, 1];
  const to = (score: number) => (isSpread ? -Math.log(Math.max(LEAST_ERROR, 1 - score)) : score);
  const [worst, best] = [Math.min(...known), Math.max(...known)];
  let [first, last] = [to(worst), to(best)];
  if (last - first < 1e-9) [first, last] = [to(Math.max(0, worst - 0.01)), to(Math.min(1, best + 0.01))];
  const reach = (last - first) * MARGIN;
  const [from, length] = [first - reach, last - first + 2 * reach];
  const place = (value: Value | null | undefined) =>
    typeof value === "number" ? (to(value) - from) / length : null;
  const [low, high] = [worst, best === worst ? Math.min(1, best + 0.01) : best];
  const marks = MARKS.filter((mark) => place(mark)! >= 0 && place(mark)! <= 1);
  const values =
    isSpread && marks.length >= 2 ? marks : placeTicks({ min: low, max: high, isLog: false }, maxTicks);
  const ticks = values
    .filter((value) => value <= 1)
    .map((value) => ({ value, share: place(value)! }))
    .filter(({ share }) => share >= 0 && share <= 1);
  return { place, ticks: thinOut(ticks, 1 / (2 * maxTicks)) };
}

/** Ticks without those that lie closer than `gap` to the one before; the last one counts more than the one before it. */
function thinOut(ticks: readonly Tick[], gap: number): Tick[] {
  const kept: Tick[] = [];
  for (const tick of [...ticks].reverse()) {
    const above = kept.at(-1);
    if (!above || above.share - tick.share >= gap) kept.push(tick);
  }
  return kept.reverse();
}
