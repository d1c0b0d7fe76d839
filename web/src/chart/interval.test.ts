import fc from "fast-check";
import { expect, test } from "vitest";
import { wilson } from "./interval";

test.each([
  [0.9, 10, 0.5958, 0.9821], // the example of inkproof.diagnosis.metrics.wilson
  [0.966, 10_000, 0.9623, 0.9694],
  [0, 100, 0, 0.037],
  [1, 100, 0.963, 1],
])("%d of %d lies between %d and %d", (value, n, low, high) => {
  expect(wilson(value, n)).toEqual([expect.closeTo(low, 4), expect.closeTo(high, 4)]);
});

test("the interval holds the share, and lies within 0 and 1", () => {
  const share = fc
    .integer({ min: 1, max: 20_000 })
    .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)));
  fc.assert(
    fc.property(share, ([right, n]) => {
      const [low, high] = wilson(right / n, n);
      expect(low).toBeGreaterThanOrEqual(0);
      expect(low).toBeLessThanOrEqual(right / n);
      expect(high).toBeGreaterThanOrEqual(right / n);
      expect(high).toBeLessThanOrEqual(1);
    }),
  );
});

test("what was not measured has no interval", () => {
  expect(wilson(NaN, 10)).toEqual([NaN, NaN]);
});
