/** Finished runs that differ by nothing but their seed, drawn as one: their mean, and a band from lowest to highest. Pure. */
import type { Run } from "../api";
import type { Curve } from "../chart/curve";
import { mapColumns, type Columns } from "./columns";

/** Settings of a run by dotted name. */
export type Settings = Readonly<Record<string, unknown>>;

/** They say how a training was run, and change nothing of what it learns (inkproof.diagnosis.groups says the same). */
const NO_SETTINGS = ["seed", "recipe", "tensorboard", "checkpoint_steps", "checkpoint_seconds"];

/** Runs whose settings must be known: finished, and with another one that may have the same. */
export function mayShareSettings(runs: readonly Run[]): Run[] {
  const alike = new Map<string, Run[]>();
  for (const run of runs.filter(({ status }) => status === "finished")) {
    const key = JSON.stringify([run.model, run.steps, run.dataset]);
    alike.set(key, [...(alike.get(key) ?? []), run]);
  }
  return [...alike.values()].filter(({ length }) => length > 1).flat();
}

/** Groups of two or more, by seed. A second run of the same seed says nothing new and stands alone. */
export function groupSeeds(runs: readonly Run[], settings: ReadonlyMap<string, Settings>): string[][] {
  const groups = new Map<string, Map<number, string>>();
  for (const { name } of mayShareSettings(runs)) {
    const values = settings.get(name);
    if (!values) continue;
    const same = Object.entries(values).filter(([setting]) => !NO_SETTINGS.includes(setting));
    const key = JSON.stringify(same.sort(([one], [other]) => (one < other ? -1 : 1)));
    const seeds = groups.get(key) ?? new Map<number, string>();
    if (!seeds.has(Number(values.seed))) seeds.set(Number(values.seed), name);
    groups.set(key, seeds);
  }
  return [...groups.values()]
    .filter(({ size }) => size > 1)
    .map((seeds) => [...seeds].sort(([one], [other]) => one - other).map(([, name]) => name));
}

/** The rows of the steps that all have measured. Where that is each row, the columns themselves. */
export function alignSteps(all: readonly Columns[]): Columns[] {
  const first = all[0]?.step ?? new Float64Array();
  const isSame = ({ step }: Columns) =>
    step.length === first.length && step.every((value, row) => value === first[row]);
  if (all.every(isSame)) return [...all];
  // A resumed training may have measured a step twice: the later row holds.
  const rowsOf = all.map(({ step }) => new Map(Array.from(step, (value, row) => [value, row])));
  const shared = [...new Set(first)].filter((step) => rowsOf.every((rows) => rows.has(step)));
  return all.map((columns, index) =>
    mapColumns((name) => Float64Array.from(shared, (step) => columns[name][rowsOf[index]!.get(step)!]!)),
  );
}

/** The mean of curves that measured at the same steps, with a band from the lowest to the highest; null if they did not. */
export function joinCurves(curves: readonly Curve[], label: string, look: number): Curve | null {
  const [first] = curves;
  if (!first || curves.some(({ xs }) => xs.length !== first.xs.length)) return null;
  const over = (line: "xs" | "ys", of: (values: number[]) => number) =>
    first.xs.map((_, index) => of(curves.map((curve) => curve[line][index]!)));
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    id: first.id,
    label,
    look,
    // Seeds take different times to the same step.
    xs: over("xs", mean),
    ys: over("ys", mean),
    raw: null,
    low: over("ys", (values) => Math.min(...values)),
    high: over("ys", (values) => Math.max(...values)),
    isBand: true,
  };
}
