import fc from "fast-check";
import { expect, test } from "vitest";
import { place, scaleShares, tickDigits } from "./dots";

test("ticks are round and tell values apart", () => {
  const scale = scaleShares([0.8756, 0.9104]);
  expect(scale.ticks).toEqual([0.88, 0.89, 0.9, 0.91]);
  expect(tickDigits(scale)).toBe(0);
  expect(tickDigits(scaleShares([0.9012, 0.9034]))).toBe(1);
  expect(tickDigits(scaleShares([0.98, 0.98]))).toBe(2);
});

test("a scale of shares ends at 0 and 1, and one of nothing spans all", () => {
  expect(scaleShares([1, 0.5]).max).toBe(1);
  expect(scaleShares([0, 0.5]).min).toBe(0);
  expect(scaleShares([])).toMatchObject({ min: 0, max: 1 });
});

const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 60 });

test("every value and every tick lies on the axis", () => {
  fc.assert(
    fc.property(shares, (values) => {
      const scale = scaleShares(values);
      expect(scale.ticks.length).toBeGreaterThan(0);
      expect(scale.ticks.length).toBeLessThan(12);
      for (const value of [...values, ...scale.ticks]) {
        expect(place(scale, value)).toBeGreaterThanOrEqual(0);
        expect(place(scale, value)).toBeLessThanOrEqual(100);
      }
    }),
  );
});
