import { expect, test } from "vitest";
import type { SweepTrial } from "../api";
import { BEST_FIRST, clickColumn, sortTrials, spreadOf } from "./trial-table";

const trial = (number: number, score: number | null, rate: number, kind: string) =>
  ({
    number,
    score,
    settings: { rate, kind },
    status: "finished",
    step: 1,
    seconds: 1,
  }) as unknown as SweepTrial;
const trials = [
  trial(0, 0.5, 0.3, "b"),
  trial(1, null, 0.1, "a"),
  trial(2, 0.9, 0.2, "b"),
  trial(3, 0.5, 10, "a"),
];
const order = (key: string, isDescending: boolean) =>
  sortTrials(trials, { key, isDescending }).map(({ number }) => number);

test.each([
  ["score", true, [2, 0, 3, 1]],
  ["score", false, [0, 3, 2, 1]],
  ["rate", false, [1, 2, 0, 3]],
  ["kind", true, [0, 2, 1, 3]],
  ["number", true, [3, 2, 1, 0]],
  ["gone", false, [0, 1, 2, 3]],
] as const)("by %s, descending: %s", (key, isDescending, numbers) => {
  expect(order(key, isDescending)).toEqual(numbers);
});

test("a second click turns the order round", () => {
  expect(clickColumn(BEST_FIRST, "score")).toEqual({ key: "score", isDescending: false });
  expect(clickColumn(BEST_FIRST, "rate")).toEqual({ key: "rate", isDescending: false });
  expect(clickColumn({ key: "rate", isDescending: false }, "score")).toEqual(BEST_FIRST);
});

test("a spread needs two scores", () => {
  expect(spreadOf([0.9])).toBeNull();
  expect(spreadOf([0.9, 0.92])).toBeCloseTo(0.01414, 5);
});
