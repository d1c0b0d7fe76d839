import fc from "fast-check";
import { expect, test } from "vitest";
import { isSparse, placePoints, traceBand, traceLine, type Frame } from "./trace";

const frame: Frame = {
  left: 10,
  top: 20,
  width: 100,
  height: 50,
  ratio: 1,
  x: { min: 0, max: 10, isLog: false },
  y: { min: 0, max: 5, isLog: false },
};
const of = (...values: number[]) => Float64Array.from(values);

/** What a path would be told. */
function record(
  trace: (sink: { moveTo: typeof Path2D.prototype.moveTo; lineTo: typeof Path2D.prototype.lineTo }) => void,
) {
  const calls: string[] = [];
  const round = (value: number) => Math.round(value * 100) / 100;
  trace({
    moveTo: (x, y) => calls.push(`M${round(x)} ${round(y)}`),
    lineTo: (x, y) => calls.push(`L${round(x)} ${round(y)}`),
  });
  return calls;
}

test("a line goes from point to point, upwards for greater values", () => {
  const line = record((sink) => traceLine(of(0, 5, 10), of(0, 5, 1), frame, sink));
  expect(line).toEqual(["M10 70", "L60 20", "L110 60"]);
});

test("a level line has two corners", () => {
  const line = record((sink) => traceLine(of(0, 1, 2, 3, 4, 5), of(1, 1, 1, 1, 2, 2), frame, sink));
  expect(line).toEqual(["M10 60", "L40 60", "L50 50", "L60 50"]);
});

test("a gap breaks the line, and a point alone is a dot", () => {
  const line = record((sink) => traceLine(of(0, 2, 4, 6, 8), of(1, NaN, 1, NaN, 1), frame, sink));
  expect(line).toEqual(["M10 60", "L10.01 60", "M50 60", "L50.01 60", "M90 60", "L90.01 60"]);
});

test("a point at nought is left out of a logarithmic axis", () => {
  const log = { ...frame, x: { min: 1, max: 100, isLog: true } };
  expect(record((sink) => traceLine(of(0, 1, 10), of(1, 1, 1), log, sink))).toEqual(["M10 60", "L60 60"]);
});

test("a zoomed line is led in from outside and out again, and nothing farther away is drawn", () => {
  const zoomed = { ...frame, x: { min: 4, max: 6, isLog: false } };
  const line = record((sink) => traceLine(of(0, 1, 2, 5, 8, 9), of(1, 1, 1, 2, 1, 1), zoomed, sink));
  expect(line).toEqual(["M-90 60", "L60 50", "L210 60"]);
});

test("a band goes along its upper edge and back along its lower one, part by part", () => {
  const [xs, low, high] = [of(0, 5, 6, 10), of(1, 1, NaN, 2), of(2, 3, NaN, 4)];
  const band = record((sink) => traceBand(xs, low, high, frame, sink));
  expect(band).toEqual(["M10 50", "L60 40", "L60 60", "L10 60", "M110 30", "L110 50"]);
});

test("points are marked where they are few", () => {
  expect(isSparse(of(0, 5, 10), of(1, NaN, 2), frame)).toBe(true);
  const many = Float64Array.from({ length: 100 }, (_, index) => index / 10);
  expect(isSparse(many, many, frame)).toBe(false);
  expect(
    isSparse(
      many,
      many.map((x) => (Number.isInteger(x * 2) && x < 3 ? 1 : NaN)),
      frame,
    ),
  ).toBe(true);
  expect(placePoints(of(0, 5, 10), of(1, NaN, 2), frame)).toEqual([
    { index: 0, left: 10, top: 60 },
    { index: 2, left: 110, top: 50 },
  ]);
});

test("no line is longer than four points a column and the two that lead in and out", () => {
  const ys = fc.array(fc.double({ min: 0, max: 5, noNaN: true }), { minLength: 500, maxLength: 900 });
  fc.assert(
    fc.property(ys, (ys) => {
      const xs = Float64Array.from(ys, (_, index) => (10 * index) / ys.length);
      const line = record((sink) => traceLine(xs, Float64Array.from(ys), frame, sink));
      expect(line.length).toBeLessThanOrEqual(4 * 101 + 2);
    }),
    { numRuns: 20 },
  );
});
