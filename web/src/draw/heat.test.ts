import { expect, test } from "vitest";
import { cellOfHere, rightShare, toShares, turningLines, type HeatMap } from "./heat";

const map: HeatMap = {
  dx: [-1, 0, 1],
  dy: [0, 1],
  centre_class: 1,
  best: [
    [1, 1, 7],
    [1, 1, 1],
  ],
  probabilities: [
    [0.9, 0.9, 0.1],
    [0.9, 0.9, 0.6],
  ],
};

test("lines run where the answer turns, and only there", () => {
  expect(turningLines(map)).toEqual([
    [
      { column: 2, row: 0 },
      { column: 2, row: 1 },
    ],
    [
      { column: 2, row: 1 },
      { column: 3, row: 1 },
    ],
  ]);
});

test("the share counts places that read the class of the middle", () => {
  expect(rightShare(map)).toBeCloseTo(5 / 6);
  expect(rightShare({ ...map, best: [] })).toBe(0);
});

test("the drawing's own place is where both offsets are zero", () => {
  expect(cellOfHere(map)).toEqual({ column: 1, row: 0 });
  expect(cellOfHere({ ...map, dx: [3, 4, 5] })).toBeNull();
});

test("a cell without answers has no share", () => {
  const counts = { num_right: [[3, 0, 0]], n: [[4, 5, 0]] };
  expect(toShares(counts)).toEqual([[0.75, 0, null]]);
});
