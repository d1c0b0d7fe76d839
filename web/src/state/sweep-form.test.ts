import { expect, test } from "vitest";
import {
  collectRows,
  estimateCost,
  findSearchable,
  isRowAtFault,
  kindsOf,
  mostSteps,
  suggestRow,
  textOf,
  toggleValue,
  type Row,
  type RowSetting,
} from "./sweep-form";

const setting = (name: string, more: Partial<RowSetting> = {}): RowSetting => ({
  name,
  model: null,
  type: "number",
  default: null,
  choices: [],
  minimum: null,
  maximum: null,
  excludes_minimum: false,
  excludes_maximum: false,
  ...more,
});
const rate = setting("learning_rate", { minimum: 0, excludes_minimum: true, maximum: 1000 });
const steps = setting("steps", { type: "integer", minimum: 1, maximum: 100_000_000 });
const depth = setting("model.depth", {
  model: "all_convolutional",
  type: "integer",
  minimum: 1,
  maximum: 16,
});
const smoothing = setting("label_smoothing", { minimum: 0, maximum: 1, excludes_maximum: true });
const optimizer = setting("optimizer", { type: "choice", choices: ["adam", "sgd"] });
const row = (name: string, more: Partial<Row> = {}): Row => ({
  name,
  kind: "values",
  low: "",
  high: "",
  values: "",
  ...more,
});

test.each([
  [rate, 0.0001, "0.000001..0.01:log"],
  [rate, 0.5, "0.005..50:log"],
  [rate, 100, "1..1000:log"],
  [steps, 2000, "500..8000:log"],
  [depth, 2, "1..8:log"],
  [depth, 1, "1..4:log"],
  [smoothing, 0.05, "0.0125..0.2:log"],
  [smoothing, 0.5, "0.125..0.999"],
  [smoothing, 0, "0..0.5"],
  [optimizer, "adam", "adam,sgd"],
  [setting("is_fine", { type: "boolean" }), true, "true,false"],
])("$0.name of $1 begins as $2", (described, own, expected) => {
  expect(textOf(suggestRow(described, own))).toBe(expected);
});

test("what the architecture lacks, and what is no property of a network, is not offered", () => {
  const seed = setting("seed", { type: "integer" });
  const others = [setting("dataset", { type: "text" }), setting("model.name", { type: "choice" }), seed];
  expect(findSearchable([rate, depth, ...others], "tutorial", ["seed"])).toEqual([rate]);
  expect(findSearchable([rate, depth], "all_convolutional", [])).toEqual([rate, depth]);
});

test("only numbers have ranges", () => {
  expect(kindsOf(rate)).toContain("log");
  expect(kindsOf(optimizer)).toEqual(["values", "fixed"]);
});

test("what is searched and what is held to a value are sent apart", () => {
  const rows = [
    row("learning_rate", { kind: "log", low: " 0.01", high: "1 " }),
    row("batch_size", { kind: "even", low: "16", high: "256" }),
    row("optimizer", { values: "adam,sgd" }),
    row("steps", { kind: "fixed", values: " 50 " }),
  ];
  expect(collectRows(rows)).toEqual({
    space: { learning_rate: "0.01..1:log", batch_size: "16..256", optimizer: "adam,sgd" },
    changes: { steps: "50" },
  });
});

test("the row at fault is found under both names", () => {
  expect(isRowAtFault(row("steps"), "space.steps")).toBe(true);
  expect(isRowAtFault(row("steps"), "steps")).toBe(true);
  expect(isRowAtFault(row("steps"), "space.learning_rate")).toBe(false);
  expect(isRowAtFault(row("steps"), null)).toBe(false);
});

test("values are ticked in the order of the setting", () => {
  expect(toggleValue("sgd", "adam", true, ["adam", "sgd"])).toBe("adam,sgd");
  expect(toggleValue("adam, sgd", "adam", false, ["adam", "sgd"])).toBe("sgd");
});

test.each([
  [[], 2000],
  [[row("steps", { values: "50, 100" })], 100],
  [[row("steps", { kind: "log", low: "50", high: "400" })], 400],
  [[row("steps", { kind: "fixed", values: "70" })], 70],
  [[row("steps", { values: "many" })], null],
] as [Row[], number | null][])("%j trains at most %s steps", (rows, expected) => {
  expect(mostSteps(rows, 2000)).toBe(expected);
});

test("a sweep costs its trials by all seeds, and the proof with the recipe's own steps", () => {
  const numbers = { trials: 30, seeds: 2, finalSeeds: 5 };
  const rate = row("learning_rate", { kind: "log", low: "0.01", high: "1" });
  expect(estimateCost([row("steps", { values: "50,100" }), rate], 1000, numbers)).toEqual({
    trainings: 60,
    steps: 100,
    finalTrainings: 10,
    allSteps: 60 * 100 + 5 * 100 + 5 * 1000,
  });
  expect(estimateCost([row("steps", { kind: "fixed", values: "100" })], 1000, numbers)?.allSteps).toBe(7_000);
  expect(estimateCost([], 1000, { ...numbers, trials: NaN })).toBeNull();
  // Four settings are all there are.
  const few = [row("steps", { values: "50, 100, 50" }), row("batch_size", { values: "10,20" })];
  expect(estimateCost(few, 1000, numbers)?.trainings).toBe(8);
});
