import fc from "fast-check";
import { expect, test } from "vitest";
import { accuracyOf, appendRows, makeMetricCurve, toColumns, type SentColumns } from "./columns";

const NONE = {
  seconds: [],
  loss: [],
  batch_accuracy: [],
  test_accuracy: [],
  validation_accuracy: [],
  learning_rate: [],
};

/** Rows from `first` to `last` of a training that measures its accuracy at every tenth. */
function send(first: number, last: number): SentColumns {
  const rows = Array.from({ length: last - first }, (_, index) => first + index);
  return {
    step: rows.map((row) => row * 5),
    seconds: rows.map((row) => row * 0.5),
    loss: rows.map((row) => (row === 7 ? null : 10 / (row + 1))),
    batch_accuracy: rows.map((row) => row / (row + 1)),
    test_accuracy: rows.map((row) => (row % 10 === 0 ? row / 100 : null)),
    validation_accuracy: rows.map(() => null),
    learning_rate: rows.map(() => 0.1),
  };
}
const facts = { name: "a", look: 3, batches: [{ size: 100, lastStep: null }], num_measured: 10_000 };

test("rows that come piece by piece, twice or again make the same columns as all at once", () => {
  const pieces = fc.array(fc.tuple(fc.nat(60), fc.nat(20)), { maxLength: 20 });
  fc.assert(
    fc.property(pieces, (pieces) => {
      let columns = toColumns(send(0, 0));
      for (const [first, length] of pieces) {
        const next = appendRows(columns, first, send(first, first + length));
        if (first > columns.step.length) expect(next).toBeNull();
        else expect(next).toEqual(toColumns(send(0, first + length)));
        columns = next ?? columns;
      }
    }),
  );
});

test("what was known is not touched by rows that come, whichever way they go on", () => {
  const known = appendRows(toColumns(send(0, 2)), 2, send(2, 5))!;
  const one = appendRows(known, 5, send(5, 6))!;
  const other = appendRows(known, 5, send(15, 17))!;
  appendRows(one, 2, send(12, 19));
  expect(known).toEqual(toColumns(send(0, 5)));
  expect(one).toEqual(toColumns(send(0, 6)));
  expect([...other.step]).toEqual([0, 5, 10, 15, 20, 75, 80]);
});

test("a smoothed curve keeps its measurements underneath, and nought smooths nothing", () => {
  const columns = toColumns(send(0, 30));
  const smoothed = makeMetricCurve(columns, "loss", "step", 0.9, facts)!;
  expect(smoothed.raw).toBe(columns.loss);
  expect(smoothed.ys).not.toBe(columns.loss);
  expect(makeMetricCurve(columns, "loss", "step", 0, facts)).toMatchObject({ raw: null, ys: columns.loss });
  expect(makeMetricCurve(columns, "learning_rate", "step", 0.9, facts)).toMatchObject({ raw: null });
});

test("the accuracy has a point for each measurement, with an interval, and is never smoothed", () => {
  const curve = makeMetricCurve(toColumns(send(0, 30)), "accuracy", "images", 0.9, facts)!;
  expect([[...curve.xs], [...curve.ys], curve.raw]).toEqual([[0, 5000, 10_000], [0, 0.1, 0.2], null]);
  expect(curve.low![1]).toBeCloseTo(0.0943, 4);
  expect(curve.high![1]).toBeCloseTo(0.106, 4);
  const unknown = makeMetricCurve(toColumns(send(0, 30)), "accuracy", "step", 0, {
    ...facts,
    num_measured: null,
  });
  expect(unknown).toMatchObject({ low: null, high: null });
});

test("a run that held images out is judged by them", () => {
  const columns = toColumns({
    ...NONE,
    step: [0, 5],
    test_accuracy: [null, null],
    validation_accuracy: [0.5, null],
  });
  expect([...accuracyOf(columns)]).toEqual([0.5, NaN]);
});

test("time does not run back, and images need a batch size", () => {
  const columns = toColumns({ ...send(0, 4), seconds: [0, 2, 1, 3] });
  expect([...makeMetricCurve(columns, "loss", "seconds", 0, facts)!.xs]).toEqual([0, 2, 2, 3]);
  expect(makeMetricCurve(columns, "loss", "images", 0, { ...facts, batches: null })).toBeNull();
});

test("nothing measured is no curve", () => {
  const columns = toColumns({ ...NONE, step: [] });
  for (const metric of ["loss", "accuracy", "batch_accuracy", "learning_rate"] as const)
    expect(makeMetricCurve(columns, metric, "step", 0.5, facts)).toBeNull();
});
