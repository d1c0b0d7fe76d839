import { expect, test } from "vitest";
import { joinSteps, peakOf, placeOf, ridgeAt, toRidges } from "./ridges";

const FRAME = { width: 100, height: 60, rise: 20 };

test("ridges go from the back to the front, each from edge to edge", () => {
  const ridges = toRidges(
    [
      [0, 0.5],
      [0.25, 0.25],
      [0.5, 0],
    ],
    FRAME,
  );
  expect(ridges.map(({ y }) => y)).toEqual([20, 40, 60]);
  expect(ridges[0]!.path).toBe("M0,20L25,20L75,0L100,20");
  expect(ridges[1]!.path).toBe("M0,40L25,30L75,30L100,40");
});

test("one step is one ridge at the back", () => {
  expect(toRidges([[1]], FRAME)).toEqual([{ path: "M0,20L50,0L100,20", y: 20 }]);
  expect(toRidges([], FRAME)).toEqual([]);
});

test("a spike does not flatten the other ridges, and stays within the frame", () => {
  const shares = [
    [1, 0],
    [0.1, 0.1],
    [0.1, 0.1],
  ];
  expect(peakOf(shares)).toBeCloseTo(0.3);
  expect(toRidges(shares, FRAME)[0]!.path).toBe("M0,20L25,0L75,20L100,20");
});

test("shares of nothing are flat", () => {
  expect(peakOf([[0, 0]])).toBe(1);
  expect(toRidges([[0, 0]], FRAME)[0]!.path).toBe("M0,20L25,20L75,20L100,20");
});

test.each([
  [0, 0],
  [20, 0],
  [21, 1],
  [99, 2],
])("a pointer at y = %j means ridge %j", (y, place) => {
  expect(
    ridgeAt(
      [20, 40, 60].map((y) => ({ path: "", y })),
      y,
    ),
  ).toBe(place);
});

test.each([
  [0, 0],
  [9, 0],
  [10, 1],
  [10_000, 2],
])("step %j is shown by place %j", (step, place) => {
  expect(placeOf([0, 10, 20], step)).toBe(place);
});

test("steps of several are joined in order", () => {
  expect(joinSteps([{ steps: [0, 20] }, { steps: [10, 20] }])).toEqual([0, 10, 20]);
});
