/** The order of a sweep's trials in their table. Pure. */
import type { SweepTrial } from "../api";

export interface Order {
  /** `number`, `status`, `score`, `step`, `seconds`, or the dotted name of a setting. */
  key: string;
  isDescending: boolean;
}

export const BEST_FIRST: Order = { key: "score", isDescending: true };
const FACTS = ["number", "status", "score", "step", "seconds"] as const;

/** The order after a click on a column: turned round, or by the new one; of scores the best come first. */
export function clickColumn(order: Order, key: string): Order {
  if (order.key === key) return { key, isDescending: !order.isDescending };
  return { key, isDescending: key === "score" };
}

/** Trials in an order; those without a value come last either way, equal ones by number. */
export function sortTrials(trials: readonly SweepTrial[], { key, isDescending }: Order): SweepTrial[] {
  const fact = FACTS.find((name) => name === key);
  const valueOf = (trial: SweepTrial) => (fact ? trial[fact] : (trial.settings[key] ?? null));
  const sign = isDescending ? -1 : 1;
  return [...trials].sort((one, other) => {
    const [a, b] = [valueOf(one), valueOf(other)];
    if (a === null || b === null) return Number(a === null) - Number(b === null) || one.number - other.number;
    const order = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
    return sign * order || one.number - other.number;
  });
}

/** Standard deviation of some scores; null of fewer than two. */
export function spreadOf(scores: readonly number[]): number | null {
  if (scores.length < 2) return null;
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  return Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / (scores.length - 1));
}
