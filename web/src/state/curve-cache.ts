/** Curves made once for each state of a run's measurements: one run's news must not cost the others anything. */
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
