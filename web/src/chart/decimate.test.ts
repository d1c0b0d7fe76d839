import fc from "fast-check";
import { expect, test } from "vitest";
import { decimate, KEPT_OF_COLUMN, lowerBound, nearest, visibleRange } from "./decimate";

const point = fc.record({
  gap: fc.double({ min: 0, max: 3, noNaN: true }),
  y: fc.oneof(
    { weight: 12, arbitrary: fc.integer({ min: -50, max: 50 }) },
    { weight: 1, arbitrary: fc.constant(NaN) },
  ),
});
const curve = fc.array(point, { maxLength: 400 }).map((points) => {
  let x = 0;
  return { xs: points.map(({ gap }) => (x += gap)), ys: points.map(({ y }) => y) };
});

test("every column keeps its first, least, greatest and last value", () => {
  fc.assert(
    fc.property(curve, ({ xs, ys }) => {
      const kept = decimate(xs, ys, Math.floor);
      const byColumn = (indices: number[]) => {
        const columns = new Map<number, number[]>();
        for (const index of indices.filter((index) => !Number.isNaN(ys[index]))) {
          const column = Math.floor(xs[index]!);
          columns.set(column, [...(columns.get(column) ?? []), index]);
        }
        return columns;
      };
      const drawn = byColumn(kept);
      for (const [column, indices] of byColumn([...xs.keys()])) {
        const [all, some] = [indices, drawn.get(column) ?? []].map((list) => list.map((index) => ys[index]!));
        expect([some!.at(0), Math.min(...some!), Math.max(...some!), some!.at(-1)]).toEqual([
          all!.at(0),
          Math.min(...all!),
          Math.max(...all!),
          all!.at(-1),
        ]);
      }
    }),
  );
});

test("the points kept ascend, each once, and every gap between two values stays", () => {
  fc.assert(
    fc.property(curve, ({ xs, ys }) => {
      const kept = decimate(xs, ys, Math.floor);
      kept.slice(1).forEach((index, place) => expect(index).toBeGreaterThan(kept[place]!));
      const runsOf = (values: number[]) =>
        values
          .map((value) => (Number.isNaN(value) ? " " : "x"))
          .join("")
          .split(/ +/)
          .filter((part) => part !== "").length;
      expect(runsOf(kept.map((index) => ys[index]!))).toBe(runsOf(ys));
    }),
  );
});

test("ten thousand points become at most four a column", () => {
  const xs = Float64Array.from({ length: 10_000 }, (_, index) => index);
  const ys = xs.map((x) => Math.sin(x * 12.9898) * 43758.5453);
  const kept = decimate(xs, ys, (x) => Math.floor((x / 10_000) * 300));
  expect(kept.length).toBeLessThanOrEqual(300 * KEPT_OF_COLUMN);
});

test("a curve with fewer points than columns is whole", () => {
  expect(decimate([1, 2, 3], [5, NaN, 7], Math.floor)).toEqual([0, 1, 2]);
  expect(decimate([], [], Math.floor)).toEqual([]);
  expect(decimate([1, 2], [NaN, NaN], Math.floor)).toEqual([]);
});

test("what is seen goes one point beyond the picture at either side", () => {
  expect(visibleRange([0, 1, 2, 3, 4, 5], 1.5, 3.5)).toEqual([1, 5]);
  expect(visibleRange([0, 1, 2], 0, 2)).toEqual([0, 3]);
  expect(visibleRange([0, 1, 1, 1, 2, 3], 1, 1)).toEqual([0, 5]);
  expect(visibleRange([], 0, 1)).toEqual([0, 0]);
  expect(lowerBound([0, 1, 1, 2], 1)).toBe(1);
});

test.each([
  [-9, 0],
  [1.4, 0],
  [1.6, 3],
  [99, 3],
])("the value nearest to %d is at index %d", (x, index) => {
  expect(nearest([0, 1, 2, 3], [5, NaN, NaN, 8], x)).toBe(index);
});

test("nothing is near where nothing was measured", () => {
  expect(nearest([0, 1], [NaN, NaN], 0)).toBe(-1);
});
