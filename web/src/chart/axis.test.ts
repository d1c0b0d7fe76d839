import fc from "fast-check";
import { expect, test } from "vitest";
import { makeProjector, placeTicks, spanOfXs, spanOfYs, unproject, zoomAxis, type Axis } from "./axis";

const axis = fc
  .tuple(
    fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
    fc.double({ min: 1.01, max: 1e6, noNaN: true }),
    fc.boolean(),
  )
  .map(([min, factor, isLog]): Axis => ({ min, max: min * factor, isLog }));
const share = fc.double({ min: 0, max: 1, noNaN: true });
const curve = (xs: number[], ...lines: number[][]) => ({
  xs: Float64Array.from(xs),
  lines: lines.map((ys) => Float64Array.from(ys)),
});

test("a place and its value lead to each other", () => {
  fc.assert(
    fc.property(axis, share, (axis, share) => {
      const project = makeProjector(axis, 100, -80);
      expect(project(unproject(axis, share))).toBeCloseTo(100 - 80 * share, 4);
    }),
  );
});

test("nought has no place on a logarithmic axis: it lies before its beginning", () => {
  expect(makeProjector({ min: 1, max: 10, isLog: true }, 50, 100)(0)).toBe(30);
  expect(makeProjector({ min: 1, max: 10, isLog: true }, 50, -100)(-3)).toBe(70);
});

test("the axes hold what is seen", () => {
  const curves = [curve([0, 1, 2, 3], [5, NaN, 1, 2], [9, 9, 9, 9]), curve([10], [0.5]), curve([])];
  expect(spanOfXs(curves, false)).toEqual({ min: 0, max: 10, isLog: false });
  expect(spanOfXs(curves, true)).toEqual({ min: 1, max: 10, isLog: true });
  const y = spanOfYs(curves.slice(0, 1), { min: 2, max: 3, isLog: false }, false);
  expect([y.min, y.max]).toEqual([expect.closeTo(1 - 0.32), expect.closeTo(9.32)]);
  expect(spanOfYs([curve([1, 2], [0, 4])], { min: 0, max: 9, isLog: false }, true)).toMatchObject({
    min: 2,
    max: 8,
  });
});

test("an axis without values, or with one, still has a length", () => {
  for (const isLog of [false, true])
    for (const curves of [
      [],
      [curve([])],
      [curve([7], [7])],
      [curve([0], [0])],
      [curve([3, 4], [NaN, NaN])],
    ]) {
      const x = spanOfXs(curves, isLog);
      expect(x.max).toBeGreaterThan(x.min);
      const y = spanOfYs(curves, x, isLog);
      expect(y.max).toBeGreaterThan(y.min);
    }
});

test("zooming in and out stays within the whole and around its centre", () => {
  fc.assert(
    fc.property(axis, share, fc.double({ min: 0.1, max: 4, noNaN: true }), (whole, share, factor) => {
      const centre = unproject(whole, share);
      const near = zoomAxis(whole, whole, centre, factor);
      const slack = 1e-9 * whole.max;
      expect(near.min).toBeGreaterThanOrEqual(whole.min - slack);
      expect(near.max).toBeLessThanOrEqual(whole.max + slack);
      expect(near.min - slack <= centre && centre <= near.max + slack).toBe(true);
    }),
  );
});

test.each([
  [0, 1000, false, 6, [0, 200, 400, 600, 800, 1000]],
  [123079, 40123079.5, false, 2, [20_000_000, 40_000_000]],
  [0.1, 0.34, false, 5, [0.1, 0.15, 0.2, 0.25, 0.3]],
  [5, 1000, true, 6, [10, 100, 1000]],
  [5, 1000, true, 8, [5, 10, 20, 50, 100, 200, 500, 1000]],
  [0.15, 0.9, true, 8, [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]],
  [0.21, 0.29, true, 5, [0.22, 0.24, 0.26, 0.28]],
  [1e-12, 1, true, 5, [1e-12, 1e-9, 1e-6, 1e-3, 1]],
])("an axis from %d to %d (logarithmic: %s) with room for %d marks", (min, max, isLog, count, ticks) => {
  expect(placeTicks({ min, max, isLog }, count)).toEqual(ticks);
});

test("every axis has marks, within it, ascending, and not too many", () => {
  fc.assert(
    fc.property(axis, fc.integer({ min: 2, max: 12 }), (axis, count) => {
      const ticks = placeTicks(axis, count);
      expect(ticks.length).toBeGreaterThan(0);
      // One more than there is room for; where a step would leave a single mark, up to five by the next smaller one.
      expect(ticks.length).toBeLessThanOrEqual(Math.max(5, count + 1));
      ticks.slice(1).forEach((tick, index) => expect(tick).toBeGreaterThan(ticks[index]!));
      expect(ticks[0]!).toBeGreaterThanOrEqual(axis.min * (1 - 1e-9));
      expect(ticks.at(-1)!).toBeLessThanOrEqual(axis.max * (1 + 1e-9));
    }),
    { numRuns: 2000 },
  );
});
