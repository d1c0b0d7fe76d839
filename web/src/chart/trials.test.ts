import { expect, test } from "vitest";
import { scaleOfScores, scaleOfSetting } from "./trial-scale";
import {
  freeSide,
  nearestLine,
  nearestMark,
  outlineOf,
  pathOf,
  pickDrawn,
  placeLines,
  placeMarks,
  shapeOf,
  sortByScore,
  starOf,
  type TrialFacts,
} from "./trials";

const trial = (number: number, score: number | null, more: Partial<TrialFacts> = {}): TrialFacts => ({
  number,
  settings: { rate: 0.1 * (number + 1), kind: "a" },
  score,
  status: "finished",
  is_recipe: false,
  ...more,
});
const rate = scaleOfSetting({ name: "rate", choices: null, low: 0, high: 1, is_log: false, own: null });
const kind = scaleOfSetting({
  name: "kind",
  choices: ["a", "b"],
  low: null,
  high: null,
  is_log: false,
  own: null,
});
const up = scaleOfScores([0, 1], false);
const frame = { left: 10, top: 20, width: 110, height: 110 };

test("the best come first, those without a score last", () => {
  const trials = [trial(0, 0.5), trial(1, null), trial(2, 0.9), trial(3, 0.5)];
  expect(sortByScore(trials).map(({ number }) => number)).toEqual([2, 0, 3, 1]);
});

test("of many trials the best are drawn, some of the rest, and the recipe's own", () => {
  const trials = Array.from({ length: 10_000 }, (_, number) =>
    trial(number, number / 10_000, { is_recipe: number === 7 }),
  );
  const drawn = pickDrawn(trials, 100).map(({ number }) => number);
  expect(drawn.length).toBeLessThanOrEqual(101);
  expect(drawn.slice(-50)).toEqual(Array.from({ length: 50 }, (_, index) => 9_950 + index));
  expect(drawn).toContain(7);
  expect(drawn.filter((number) => number < 5_000).length).toBeGreaterThan(20);
});

test("few trials are all drawn", () => {
  const trials = [trial(0, 0.5), trial(1, null)];
  expect(pickDrawn(trials)).toBe(trials);
});

test.each([
  ["finished", "whole"],
  ["stopped early", "early"],
  ["diverged", "failed"],
  ["failed", "failed"],
  ["running", "open"],
  ["interrupted", "open"],
])("%s is drawn %s", (status, shape) => {
  expect(shapeOf({ status })).toBe(shape);
});

test("no two shapes have one outline", () => {
  const outlines = (["whole", "early", "failed"] as const).map((shape) => outlineOf(shape, 5, 5, 3));
  expect(new Set([...outlines, starOf(5, 5, 3)]).size).toBe(4);
});

test("marks stand in the frame; without a score at its foot, with an unknown value nowhere", () => {
  const trials = [trial(4, 0.5), trial(0, null), trial(1, 0.5, { settings: {} })];
  const marks = placeMarks(trials, "rate", rate, up, frame);
  expect(marks.map(({ number }) => number)).toEqual([4, 0]);
  expect(marks[0]!.x).toBeCloseTo(65);
  expect(marks[0]!.y).toBeCloseTo(75);
  expect(marks[1]!.y).toBe(130);
});

test("the nearest mark is found within reach", () => {
  const marks = [
    { number: 0, x: 0, y: 0 },
    { number: 1, x: 10, y: 0 },
  ];
  expect(nearestMark(marks, 7, 1, 20)?.number).toBe(1);
  expect(nearestMark(marks, 40, 1, 20)).toBeNull();
});

test("a label stands on the side where fewer marks lie, and within the frame", () => {
  const at = (x: number) => ({ number: x, x, y: 50 });
  const wide = { ...frame, left: 0, width: 300 };
  expect(freeSide([at(100), at(120)], at(100), 50, wide)).toBe(-1);
  expect(freeSide([at(100), at(80)], at(100), 50, wide)).toBe(1);
  expect(freeSide([at(20), at(40)], at(20), 50, wide)).toBe(1);
  expect(freeSide([], at(290), 50, wide)).toBe(-1);
});

test("a line goes over every axis, and is found between them", () => {
  const settings = [
    { name: "kind", scale: kind },
    { name: "rate", scale: rate },
  ];
  const lines = placeLines([trial(0, 1), trial(8, 0)], settings, up, frame);
  expect(lines[0]!.ys.map((y) => Math.round(y!))).toEqual([103, 115, 25]);
  expect(pathOf({ number: 0, ys: [103, 115, 25] }, [0, 50, 100])).toBe("M0,103L50,115L100,25");
  expect(nearestLine(lines, [0, 50, 100], 99, 27, 10)?.number).toBe(0);
  expect(nearestLine(lines, [0, 50, 100], 99, 124, 10)?.number).toBe(8);
  expect(nearestLine(lines, [0, 50, 100], 99, 80, 10)).toBeNull();
});

test("a line has a gap where an axis cannot show it", () => {
  expect(pathOf({ number: 0, ys: [1, null, 3, 4] }, [0, 1, 2, 3])).toBe("M0,1M2,3L3,4");
});
