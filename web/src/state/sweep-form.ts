/** The form of a sweep: a row for each setting, what stands in it at first, and what is sent. Pure. */
import { MODEL_NAME, toText, type FieldSetting } from "./form";

/** How a setting is searched, or that it is not. */
export type RowKind = "log" | "even" | "values" | "fixed";
export const ROW_KINDS: readonly RowKind[] = ["log", "even", "values", "fixed"];

export interface Row {
  name: string;
  kind: RowKind;
  low: string;
  high: string;
  /** Values with commas between them, or the one value of what is not searched. */
  values: string;
}

/** What the form must know of a setting. */
export interface RowSetting extends FieldSetting {
  choices: readonly string[];
  default: unknown;
}

const isNumber = ({ type }: Pick<RowSetting, "type">) => type === "integer" || type === "number";

/** The settings that a recipe's architecture has and that can be searched or held to a value. */
export function findSearchable<S extends RowSetting>(
  settings: readonly S[],
  model: string | null,
  fixed: readonly string[],
): S[] {
  return settings.filter(
    (setting) =>
      (setting.model === null || setting.model === model) &&
      setting.name !== MODEL_NAME &&
      !fixed.includes(setting.name) &&
      (isNumber(setting) || setting.type === "choice" || setting.type === "boolean"),
  );
}

/** The kinds of row that a setting can have. */
export function kindsOf(setting: RowSetting): readonly RowKind[] {
  return isNumber(setting) ? ROW_KINDS : ["values", "fixed"];
}

// A learning rate is wrong by orders of magnitude, other settings by factors.
const FACTORS: Record<string, number> = { learning_rate: 100 };
const FACTOR = 4;

/** A row as a person might want it: a range around the recipe's value within the setting's limits, or all choices. */
export function suggestRow(setting: RowSetting, own: unknown): Row {
  const { name } = setting;
  const text = toText(own ?? setting.default);
  const plain: Row = { name, kind: "values", low: "", high: "", values: text };
  if (setting.type === "boolean") return { ...plain, values: "true,false" };
  if (setting.type === "choice") return { ...plain, values: setting.choices.join(",") };
  const value = Number(text);
  if (value > 0) {
    const factor = FACTORS[name] ?? FACTOR;
    const [low, high] = [value / factor, value * factor].map((end) => hold(end, setting));
    // Close to its limit, as a share of one half is, a setting has no orders of magnitude above it.
    const isClose = !(name in FACTORS) && setting.maximum !== null && value * factor >= setting.maximum;
    return { ...plain, kind: isClose ? "even" : "log", low: write(low!), high: write(high!) };
  }
  // Nought has no orders of magnitude: a share is searched over half of what there is, others over as much as there is.
  const { minimum, maximum } = setting;
  const high = maximum === null ? 1 : setting.excludes_maximum ? maximum / 2 : maximum;
  return {
    ...plain,
    kind: "even",
    low: write(hold(minimum ?? 0, setting)),
    high: write(hold(high, setting)),
  };
}

/** A number within the limits; a limit that is itself not allowed is kept off by a little. */
function hold(
  value: number,
  { type, minimum, maximum, excludes_minimum, excludes_maximum }: RowSetting,
): number {
  let held = type === "integer" ? Math.round(value) : Number(value.toPrecision(3));
  if (maximum !== null && held >= maximum) held = excludes_maximum ? (1 - 1e-3) * maximum : maximum;
  if (minimum !== null && held <= minimum && !excludes_minimum) held = minimum;
  return held;
}

const write = (value: number) => String(Number(value.toPrecision(6)));

/** As the server reads it behind the setting's name: `0.001..0.1:log`, `16..256`, `linear,relu`. */
export function textOf({ kind, low, high, values }: Row): string {
  if (kind === "values" || kind === "fixed") return values.trim();
  return `${low.trim()}..${high.trim()}${kind === "log" ? ":log" : ""}`;
}

/** What to send of the rows: what is searched, and what is held to a value. */
export function collectRows(rows: readonly Row[]): {
  space: Record<string, string>;
  changes: Record<string, string>;
} {
  const pick = (isFixed: boolean) =>
    Object.fromEntries(
      rows.filter(({ kind }) => (kind === "fixed") === isFixed).map((row) => [row.name, textOf(row)]),
    );
  return { space: pick(false), changes: pick(true) };
}

/** The row that the server complains about: it names a setting as searched, or by itself. */
export function isRowAtFault(row: Row, field: string | null): boolean {
  return field === row.name || field === `space.${row.name}`;
}

/** A list of values with one put in or taken out, in the order of `all`. */
export function toggleValue(values: string, value: string, isOn: boolean, all: readonly string[]): string {
  const chosen = new Set(values.split(",").map((one) => one.trim()));
  if (isOn) chosen.add(value);
  else chosen.delete(value);
  return all.filter((one) => chosen.has(one)).join(",");
}

/** Steps of a training at most, by the rows, else by the recipe; null while a field says no number. */
export function mostSteps(rows: readonly Row[], own: unknown): number | null {
  const row = rows.find(({ name }) => name === "steps");
  const ends = !row
    ? [String(own)]
    : row.kind === "values" || row.kind === "fixed"
      ? row.values.split(",")
      : [row.high];
  const steps = Math.max(...ends.map(Number));
  return steps > 0 && Number.isFinite(steps) ? steps : null;
}

export interface Cost {
  /** Trainings in the search, at most of so many steps each. */
  trainings: number;
  steps: number;
  /** Trainings that prove the best against the recipe, which has steps of its own. */
  finalTrainings: number;
  /** Steps of all of them together, at most. */
  allSteps: number;
}

/** Different settings that the rows make, each of which is tried once. */
function countSettings(rows: readonly Row[]): number {
  const counts = rows
    .filter(({ kind }) => kind !== "fixed")
    .map(({ kind, values }) =>
      kind === "values" ? new Set(values.split(",").map((one) => one.trim())).size : Infinity,
    );
  return counts.length > 0 ? counts.reduce((product, count) => product * count) : Infinity;
}

/** What a sweep costs at most. */
export function estimateCost(
  rows: readonly Row[],
  ownSteps: unknown,
  { trials, seeds, finalSeeds }: { trials: number; seeds: number; finalSeeds: number },
): Cost | null {
  const steps = mostSteps(rows, ownSteps);
  if (steps === null || !(trials > 0) || !(seeds > 0) || !(finalSeeds >= 0)) return null;
  const fixed = rows.find(({ name, kind }) => name === "steps" && kind === "fixed");
  const recipeSteps = fixed ? steps : Number(ownSteps);
  const trainings = Math.min(trials, countSettings(rows)) * seeds;
  return {
    trainings,
    steps,
    finalTrainings: 2 * finalSeeds,
    allSteps: trainings * steps + finalSeeds * (steps + recipeSteps),
  };
}
