import { expect, test } from "vitest";
import { curveAt, extentOf, makeCurve, readAt, readLast, spreadPlaces, type Curve } from "./curve";

const of = (...values: number[]) => Float64Array.from(values);
const plain = makeCurve("a", "Run a", 0, of(0, 10, 20, 30), of(4, NaN, 2, NaN));
const rich: Curve = {
  ...makeCurve("b", "Run b", 1, of(0, 10), of(0.9, 0.95)),
  raw: of(0.8, 0.96),
  low: of(0.85, 0.94),
  high: of(0.93, 0.97),
};

test.each([
  [0, 4],
  [9, 4],
  [11, 2],
  [30, 2],
])("at %d the nearest measured point says %d", (x, y) => {
  expect(readAt(plain, x)?.y).toBe(y);
});

test("beyond its ends a curve says nothing", () => {
  expect([readAt(plain, -1), readAt(plain, 31), readAt(makeCurve("c", "c", 0, of(), of()), 0)]).toEqual([
    null,
    null,
    null,
  ]);
});

test("a reading holds what was measured and how sure it is", () => {
  expect(readLast(rich)).toEqual({ x: 10, y: 0.95, raw: 0.96, low: 0.94, high: 0.97 });
  expect(readLast(plain)).toEqual({ x: 20, y: 2, raw: null, low: null, high: null });
  expect(readLast(makeCurve("c", "c", 0, of(1), of(NaN)))).toBeNull();
  expect(extentOf(rich).lines).toHaveLength(4);
});

test("a pointer means the curve that is nearest in height, and none that is far", () => {
  const curves = [
    makeCurve("low", "low", 0, of(0, 10), of(1, 1)),
    makeCurve("high", "high", 1, of(0, 10), of(9, 9)),
  ];
  const y = { min: 0, max: 10, isLog: false };
  const at = (top: number) => curveAt(curves, y, { x: 5, top, height: 100 }, 24)?.id ?? null;
  expect([at(5), at(50), at(95)]).toEqual(["high", null, "low"]);
});

test("the rows of a table are whole steps where there are enough of them", () => {
  expect(spreadPlaces({ min: 0, max: 100, isLog: false }, 5)).toEqual([0, 25, 50, 75, 100]);
  expect(spreadPlaces({ min: 1, max: 1000, isLog: true }, 4)).toEqual([1, 10, 100, 1000]);
  expect(spreadPlaces({ min: 0, max: 2, isLog: false }, 5)).toEqual([0, 0.5, 1, 1.5, 2]);
});
