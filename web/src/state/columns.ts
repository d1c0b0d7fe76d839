/** The measurements of a training as columns, and the curves made of them. Pure. */
import { wilson } from "../chart/interval";
import { makeCurve, type Curve } from "../chart/curve";
import { smooth } from "../chart/smooth";
import { imagesSeen, type Batches } from "./batches";

export const COLUMNS = [
  "step",
  "seconds",
  "loss",
  "batch_accuracy",
  "test_accuracy",
  "validation_accuracy",
  "learning_rate",
] as const;
export type Column = (typeof COLUMNS)[number];

/** As the server sends them: null where nothing was measured. */
export type SentColumns = Record<Column, readonly (number | null)[]>;
/** As they are kept: NaN where nothing was measured. Never changed in place. */
export type Columns = Record<Column, Float64Array>;

export function toColumns(sent: SentColumns): Columns {
  return mapColumns((name) => Float64Array.from(sent[name], (value) => value ?? NaN));
}

/**
 * The columns with new rows from `first_row` on; rows that were there from it on are replaced (a resumed training
 * drops those behind its checkpoint). null when rows before `first_row` are missing: then all must be asked for.
 */
export function appendRows(known: Columns, first_row: number, sent: SentColumns): Columns | null {
  if (known.step.length < first_row) return null;
  return mapColumns((name) => extend(known[name].subarray(0, first_row), sent[name]));
}

/** How far each buffer is written: what lies behind may be written without touching any column that is in use. */
const written = new WeakMap<ArrayBufferLike, number>();

/** A column with more values. Its buffer grows by half at a time, so that values that come one by one cost little. */
function extend(column: Float64Array, values: readonly (number | null)[]): Float64Array {
  const length = column.length + values.length;
  let { buffer } = column;
  const hasRoom =
    written.get(buffer) === column.length && buffer.byteLength >= length * Float64Array.BYTES_PER_ELEMENT;
  if (!hasRoom) {
    const grown = new Float64Array(Math.ceil(length * 1.5));
    grown.set(column);
    buffer = grown.buffer;
  }
  written.set(buffer, length);
  const extended = new Float64Array(buffer, 0, length);
  values.forEach((value, index) => (extended[column.length + index] = value ?? NaN));
  return extended;
}

/** Columns made one by one. */
export function mapColumns(make: (name: Column) => Float64Array): Columns {
  return Object.fromEntries(COLUMNS.map((name) => [name, make(name)])) as Columns;
}

/** What curves are drawn over. */
export const X_KINDS = ["step", "seconds", "images"] as const;
export type XKind = (typeof X_KINDS)[number];

/** What is drawn: one chart each. */
export const METRICS = ["loss", "accuracy", "batch_accuracy", "learning_rate"] as const;
export type Metric = (typeof METRICS)[number];

/** What must be known of a run beside its measurements. */
export interface Facts {
  name: string;
  look: number;
  /** null: not known. */
  batches: Batches | null;
  /** How many images the accuracy is measured on; null: not known. */
  num_measured: number | null;
}

/**
 * The curve of a metric; null if the run has none.
 *
 * What is measured on one batch jumps and is smoothed with `weight`. The accuracy on all held-out images has an
 * interval instead and is measured seldom: its points stand alone. So is the learning rate, which is no measurement.
 */
export function makeMetricCurve(
  columns: Columns,
  metric: Metric,
  x: XKind,
  weight: number,
  { name, look, batches, num_measured }: Facts,
): Curve | null {
  const xs = xsOf(columns, x, batches);
  if (!xs) return null;
  if (metric !== "accuracy") {
    const raw = columns[metric];
    if (!hasValue(raw)) return null;
    const isNoisy = metric !== "learning_rate" && weight > 0;
    const curve = makeCurve(name, name, look, xs, isNoisy ? smooth(raw, weight) : raw);
    return isNoisy ? { ...curve, raw } : curve;
  }
  const measured = accuracyOf(columns);
  const rows: number[] = [];
  for (let row = 0; row < measured.length; row += 1) if (!Number.isNaN(measured[row])) rows.push(row);
  if (rows.length === 0) return null;
  const pick = (column: Float64Array) => Float64Array.from(rows, (row) => column[row]!);
  const ys = pick(measured);
  const curve = makeCurve(name, name, look, pick(xs), ys);
  if (num_measured === null) return curve;
  const intervals = Array.from(ys, (value) => wilson(value, num_measured));
  return {
    ...curve,
    low: Float64Array.from(intervals, ([low]) => low),
    high: Float64Array.from(intervals, ([, high]) => high),
  };
}

/** Measured on the test images, or on the validation images where some were held out to choose settings by. */
export function accuracyOf({ test_accuracy, validation_accuracy }: Columns): Float64Array {
  return hasValue(validation_accuracy) ? validation_accuracy : test_accuracy;
}

/** A loop, for a callback on each of ten thousand values would take longer than drawing them. */
function hasValue(column: Float64Array): boolean {
  for (let row = 0; row < column.length; row += 1) if (!Number.isNaN(column[row])) return true;
  return false;
}

function xsOf({ step, seconds }: Columns, x: XKind, batches: Batches | null): Float64Array | null {
  if (x === "step") return step;
  if (x === "images") return batches && step.map((value) => imagesSeen(batches, value));
  // A clock that went back would fold the curve onto itself.
  let latest = -Infinity;
  return seconds.map((value) => (latest = Math.max(latest, value)));
}
