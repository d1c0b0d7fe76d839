/** A sweep's trials in words and colours. */
import type { SweepTrial, SweepView } from "../api";
import type { Value } from "../chart/trial-scale";
import { cssViridis } from "../draw/viridis";
import { number, percent, significant, t } from "./settings.svelte";
import { nameSetting } from "./words";

export const sayValue = (value: Value | null | undefined): string => {
  if (typeof value !== "number") return value === null || value === undefined ? "–" : String(value);
  return Number.isInteger(value) ? number(value) : significant(value, 3);
};

/** “learning rate 0.0023, batch size 64”. */
export const saySettings = ({ space }: SweepView, { settings }: Pick<SweepTrial, "settings">): string =>
  space.map(({ name }) => `${nameSetting(name).text} ${sayValue(settings[name])}`).join(t("trials.comma"));

/** “learning rate 0.00001 to 0.1 by factors”, “steps 50, 100”. */
export function saySearched({ name, choices, low, high, is_log }: SweepView["space"][number]): string {
  const label = nameSetting(name).text;
  if (choices !== null)
    return t("sweep.choices", { name: label, values: choices.map(sayValue).join(t("trials.comma")) });
  return t(is_log ? "sweep.range.log" : "sweep.range.even", {
    name: label,
    low: sayValue(low),
    high: sayValue(high),
  });
}

export const sayScore = (score: number | null): string =>
  score === null ? t("trials.noScore") : percent(score, 2);

/** A mark of an axis, with no more digits than it needs. */
export function sayMark(share: number): string {
  const digits = [0, 1, 2].find(
    (count) => Math.abs(Number((share * 100).toFixed(count)) - share * 100) < 1e-6,
  );
  return percent(share, digits ?? 2);
}

export const sayTrial = (view: SweepView, trial: SweepTrial): string =>
  t("trials.reading", {
    n: number(trial.number),
    score: sayScore(trial.score),
    settings: saySettings(view, trial),
    status: t(`trial.${trial.status}`),
  });

/**
 * The colour of a share of the way from the worst to the best score. The best stands out from the surface most: dark
 * violet on light, yellow on dark; the scale is viridis either way.
 */
export const colourOf = (share: number): string =>
  `light-dark(${cssViridis(0.82 * (1 - share))}, ${cssViridis(0.2 + 0.8 * share)})`;
