import fc from "fast-check";
import { expect, test } from "vitest";
import { smooth } from "./smooth";

const number = fc.double({ min: -1e9, max: 1e9, noNaN: true }).map((value) => value + 0); // no −0
const value = fc.oneof(
  { weight: 9, arbitrary: number },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, null) },
);
const values = fc.array(value, { maxLength: 200 });
const numbers = fc.array(number, { minLength: 1, maxLength: 200 });
const weight = fc.double({ min: 0, max: 0.99, noNaN: true });
const isGap = (value: number | null) => value === null || !Number.isFinite(value);

test("zero is the raw curve, bit for bit", () => {
  fc.assert(
    fc.property(numbers, (raw) => {
      expect([...smooth(raw, 0)]).toEqual(raw);
    }),
  );
});

test("points that arrive never change the past", () => {
  fc.assert(
    fc.property(values, values, weight, (past, more, weight) => {
      const all = smooth([...past, ...more], weight);
      expect([...all.subarray(0, past.length)]).toEqual([...smooth(past, weight)]);
    }),
  );
});

test("constants stay constant, bit for bit", () => {
  fc.assert(
    fc.property(number, fc.integer({ min: 1, max: 300 }), weight, (constant, length, weight) => {
      expect([...smooth(Array(length).fill(constant), weight)]).toEqual(Array(length).fill(constant));
    }),
  );
});

test("the curve stays between the least and the greatest value that it has seen", () => {
  fc.assert(
    fc.property(numbers, weight, (raw, weight) => {
      let [low, high] = [Infinity, -Infinity];
      smooth(raw, weight).forEach((mean, index) => {
        low = Math.min(low, raw[index]!);
        high = Math.max(high, raw[index]!);
        const slack = 1e-9 * Math.max(1, Math.abs(low), Math.abs(high));
        expect(mean).toBeGreaterThanOrEqual(low - slack);
        expect(mean).toBeLessThanOrEqual(high + slack);
      });
    }),
  );
});

test("it is the average with weights that shrink into the past", () => {
  fc.assert(
    fc.property(numbers, weight, (raw, weight) => {
      const weights = raw.map((_value, index) => weight ** (raw.length - 1 - index));
      const sum = (terms: number[]) => terms.reduce((total, term) => total + term, 0);
      const expected = sum(raw.map((value, index) => value * weights[index]!)) / sum(weights);
      const scale = Math.max(1, ...raw.map(Math.abs));
      expect(Math.abs(smooth(raw, weight).at(-1)! - expected) / scale).toBeLessThan(1e-9);
    }),
  );
});

test("a gap stays a gap, and what follows begins anew", () => {
  fc.assert(
    fc.property(values, numbers, weight, fc.constantFrom(NaN, null, Infinity), (past, more, weight, gap) => {
      const all = smooth([...past, gap, ...more], weight);
      expect([...all.subarray(past.length)]).toEqual([NaN, ...smooth(more, weight)]);
      past.forEach((value, index) => expect(Number.isNaN(all[index])).toBe(isGap(value)));
    }),
  );
});

test("the average of two values, by hand", () => {
  expect([...smooth([1, 0], 0.9)]).toEqual([1, expect.closeTo(0.9 / 1.9, 12)]);
  expect([...smooth([], 0.9)]).toEqual([]);
});
