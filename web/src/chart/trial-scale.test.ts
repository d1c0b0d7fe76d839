import { expect, test } from "vitest";
import { scaleOfScores, scaleOfSetting, type Searched } from "./trial-scale";

const rate: Searched = {
  name: "learning_rate",
  choices: null,
  low: 1e-5,
  high: 1e-1,
  is_log: true,
  own: 1e-3,
};
const units: Searched = { name: "model.units", choices: null, low: 16, high: 256, is_log: false, own: 128 };
const steps: Searched = {
  name: "steps",
  choices: [100, 50],
  low: null,
  high: null,
  is_log: false,
  own: 1000,
};

test("a logarithmic axis puts equal factors at equal lengths, a little off its ends", () => {
  const { place } = scaleOfSetting(rate);
  const places = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1].map((value) => place(value)!);
  expect(places[0]).toBeCloseTo(0.05 / 1.1);
  expect(places[2]).toBeCloseTo(0.5);
  for (let index = 1; index < places.length; index += 1)
    expect(places[index]! - places[index - 1]!).toBeCloseTo(1 / 4.4);
});

test("an even axis puts the middle in the middle", () => {
  const { place, ticks } = scaleOfSetting(units);
  expect(place((16 + 256) / 2)).toBeCloseTo(0.5);
  expect(ticks.map(({ value }) => value)).toContain(100);
});

test("a logarithmic axis is marked at round values", () => {
  expect(scaleOfSetting(rate).ticks.map(({ value }) => value)).toEqual([1e-5, 1e-4, 1e-3, 1e-2, 1e-1]);
});

test("the recipe's own value is on the axis, though it is not searched", () => {
  const { place } = scaleOfSetting({ ...rate, own: 1 });
  expect(place(1)).toBeLessThan(1);
  expect(place(1)).toBeGreaterThan(place(0.1)!);
  expect(scaleOfSetting(steps).ticks.map(({ value }) => value)).toEqual([50, 100, 1000]);
});

test("choices lie side by side, each in the middle of its own part", () => {
  const { place } = scaleOfSetting({ ...steps, choices: ["linear", "relu"], own: "linear" });
  expect(["linear", "relu"].map(place)).toEqual([0.25, 0.75]);
});

test("what an axis cannot show has no place on it", () => {
  expect(scaleOfSetting(rate).place(0)).toBeNull();
  expect(scaleOfSetting(rate).place("relu")).toBeNull();
  expect(scaleOfSetting(steps).place(70)).toBeNull();
  expect(scaleOfScores([0.9], true).place(null)).toBeNull();
});

test("spread accuracies lie as far apart as their errors are orders of magnitude", () => {
  const { place, ticks } = scaleOfScores([0, 0.9, 0.99, 0.999], true);
  const places = [0, 0.9, 0.99, 0.999].map((value) => place(value)!);
  expect(places[1]! - places[0]!).toBeCloseTo(places[2]! - places[1]!);
  expect(places[2]! - places[1]!).toBeCloseTo(places[3]! - places[2]!);
  expect(ticks.map(({ value }) => value)).toContain(0.99);
});

test.each([
  [[], false],
  [[0.93], false],
  [[0.93], true],
  [[0.93, 0.93], true],
  [[1, 1], true],
  [[0.9, 1], true],
  [[0.1, 0.97], false],
  [[0.951, 0.952], true],
])("%j, spread %j: every score has a place, every mark too", (scores, isSpread) => {
  const { place, ticks } = scaleOfScores(scores, isSpread);
  for (const score of scores) {
    expect(place(score)).toBeGreaterThanOrEqual(0);
    expect(place(score)).toBeLessThanOrEqual(1);
  }
  expect(ticks.length).toBeGreaterThan(0);
  for (const { share } of ticks) expect(share >= 0 && share <= 1).toBe(true);
});
