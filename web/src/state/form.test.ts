import fc from "fast-check";
import { expect, test } from "vitest";
import {
  canMultiply,
  collectChanges,
  differs,
  groupFields,
  multiply,
  toText,
  type FieldSetting,
} from "./form";

const setting = (name: string, more: Partial<FieldSetting> = {}): FieldSetting => ({
  name,
  model: null,
  type: "number",
  minimum: null,
  maximum: null,
  excludes_minimum: false,
  excludes_maximum: false,
  ...more,
});
const rate = setting("learning_rate", { minimum: 0, excludes_minimum: true, maximum: 1000 });
const steps = setting("steps", { type: "integer", minimum: 1, maximum: 100_000_000 });
const seed = setting("seed", { type: "integer", minimum: 0, maximum: 2 ** 32, excludes_maximum: true });

test.each([
  ["0.0001", 10, rate, "0.001"],
  ["0.0003", 10, rate, "0.003"],
  ["1e-4", 10, rate, "0.001"],
  ["0.0001", 0.1, rate, "0.00001"],
  ["500", 10, rate, "1000"],
  ["1000", 10, rate, null],
  ["2000", 10, steps, "20000"],
  ["25", 0.1, steps, "3"],
  ["4", 0.1, steps, "1"],
  ["1", 0.1, steps, null],
  ["", 10, steps, null],
  ["many", 10, steps, null],
  ["-3", 10, steps, null],
  ["5", 10, seed, null],
] as const)("%s × %d", (text, factor, setting, expected) => {
  expect(multiply(text, factor, setting)).toBe(expected);
});

test("a product lies within the limits, and is whole where it must be", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), fc.constantFrom(10, 0.1), (value, factor) => {
      const product = multiply(String(value), factor, steps);
      if (product === null) return;
      expect(Number.isInteger(Number(product))).toBe(true);
      expect(Number(product)).toBeGreaterThanOrEqual(1);
      expect(Number(product)).toBeLessThanOrEqual(100_000_000);
    }),
  );
});

test("ten times as much makes sense where nought is not allowed", () => {
  expect([rate, steps].map(canMultiply)).toEqual([true, true]);
  const others = [
    seed,
    setting("dropout", { minimum: 0, maximum: 1 }),
    setting("free"),
    setting("optimizer", { type: "choice" }),
  ];
  expect(others.map(canMultiply)).toEqual([false, false, false, false]);
});

test("a form has the settings of its architecture, the beginner's first", () => {
  const settings = [
    setting("optimizer"),
    seed,
    rate,
    setting("model.name"),
    setting("model.filters", { model: "tutorial" }),
    setting("model.dropout", { model: "deep" }),
  ];
  const { first, network, more } = groupFields(settings, "tutorial");
  const names = [first, network, more].map((group) => group.map(({ name }) => name));
  expect(names).toEqual([["learning_rate", "seed"], ["model.name", "model.filters"], ["optimizer"]]);
});

test.each([
  ["0.0001", 0.0001, false],
  [" 1e-4 ", 0.0001, false],
  ["0.001", 0.0001, true],
  ["", 0.0001, true],
  ["", null, false],
  ["adam", "adam", false],
  ["sgd", "adam", true],
])("%j differs from %j: %s", (text, value, expected) => {
  expect(differs(text, value, typeof value === "number" ? "number" : "text")).toBe(expected);
});

test("only what differs is sent, and as what it is", () => {
  const fields = [
    rate,
    steps,
    setting("tensorboard", { type: "boolean" }),
    setting("sizes", { type: "list" }),
    setting("note", { type: "text" }),
  ];
  const values = { learning_rate: 0.0001, steps: 2000, tensorboard: true, sizes: [1, 2], note: "x" };
  const texts = {
    learning_rate: "0.001",
    steps: "2000",
    tensorboard: "false",
    sizes: "3, 4",
    note: "",
    unknown: "9",
  };
  expect(collectChanges(fields, texts, values)).toEqual({
    learning_rate: "0.001",
    tensorboard: false,
    sizes: "3, 4",
    note: null,
  });
  expect(collectChanges(fields, {}, values)).toEqual({});
});

test("values stand in fields as people write them", () => {
  expect([0.0001, null, true, [1, 2]].map((value) => toText(value))).toEqual(["0.0001", "", "true", "1, 2"]);
});
