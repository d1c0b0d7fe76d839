/** What is made once for each state of what it is made of: one run's news must not cost the others anything. */
import type { Curve } from "../chart/curve";
import { makeMetricCurve, type Columns, type Facts, type Metric, type XKind } from "./columns";

export class CurveCache {
  #kept = new WeakMap<Columns, Map<Metric, { key: string; curve: Curve | null }>>();

  get(columns: Columns, metric: Metric, x: XKind, weight: number, facts: Facts): Curve | null {
    const key = JSON.stringify([x, weight, facts]);
    let metrics = this.#kept.get(columns);
    if (!metrics) this.#kept.set(columns, (metrics = new Map()));
    const before = metrics.get(metric);
    if (before?.key === key) return before.curve;
    const curve = makeMetricCurve(columns, metric, x, weight, facts);
    metrics.set(metric, { key, curve });
    return curve;
  }
}

/** The last value of each key, made anew when one of its inputs is another object. */
export class Memo<Value> {
  #kept = new Map<string, { inputs: readonly unknown[]; value: Value }>();

  get<Input>(key: string, inputs: readonly Input[], make: (inputs: readonly Input[]) => Value): Value {
    const before = this.#kept.get(key);
    const isSame =
      before?.inputs.length === inputs.length && before.inputs.every((input, i) => input === inputs[i]);
    if (before && isSame) return before.value;
    const value = make(inputs);
    this.#kept.set(key, { inputs, value });
    return value;
  }
}
