/** What the view that trains shows: which runs, over what, how smooth; and the curves that follow from it. */
import type { Axis } from "../chart/axis";
import type { Curve } from "../chart/curve";
import { assignLooks } from "../chart/look";
import { getRunSettings, type Run } from "../api";
import { chooseCurves } from "./choose";
import { METRICS, type Metric } from "./columns";
import { CurveCache } from "./curve-cache";
import { live } from "./live.svelte";
import { runs } from "./runs.svelte";
import { PLAIN, type TrainAddress } from "./train-address";

class Train {
  chosen: TrainAddress = $state.raw(PLAIN);
  /** The part of x that is looked at. */
  zoom: Axis | null = $state.raw(null);
  /** x under the pointer, and the run that is meant; in every chart and in the list. */
  cursor: number | null = $state(null);
  focus: string | null = $state(null);

  names: string[] = $derived(this.chosen.curves ?? chooseCurves(runs.all));
  shown: Run[] = $derived(
    this.names.map((name) => runs.all.find((run) => run.name === name)).filter((run) => run !== undefined),
  );
  #before = new Map<string, number>();
  looks: ReadonlyMap<string, number> = $derived.by(
    () => (this.#before = assignLooks(this.names, this.#before)),
  );

  /** Images in a batch, of the runs for which it was asked. */
  batchSizes: ReadonlyMap<string, number> = $state.raw(new Map());

  #cache = new CurveCache();
  curves: Record<Metric, Curve[]> = $derived.by(() => {
    const { x, smoothing } = this.chosen;
    const of = (metric: Metric) =>
      this.shown.flatMap((run) => {
        const columns = live.columns.get(run.name);
        const facts = {
          name: run.name,
          look: this.looks.get(run.name) ?? 0,
          batch_size: this.batchSizes.get(run.name) ?? null,
          num_measured: run.accuracy?.n ?? null,
        };
        const curve = columns && this.#cache.get(columns, metric, x, smoothing, facts);
        return curve ? [curve] : [];
      });
    return Object.fromEntries(METRICS.map((metric) => [metric, of(metric)])) as Record<Metric, Curve[]>;
  });

  change(changes: Partial<TrainAddress>): void {
    if ("x" in changes || "isLogX" in changes) this.zoom = this.cursor = null;
    this.chosen = { ...this.chosen, ...changes };
  }
  /** Ask for the batch sizes that curves over images need. */
  async loadBatchSizes(): Promise<void> {
    const unknown = this.shown.filter(({ name }) => !this.batchSizes.has(name));
    const found = await Promise.allSettled(unknown.map(({ name }) => getRunSettings(name)));
    const sizes = found.flatMap((result) =>
      result.status === "fulfilled"
        ? [[result.value.run, Number(result.value.values.batch_size)] as const]
        : [],
    );
    if (sizes.length > 0) this.batchSizes = new Map([...this.batchSizes, ...sizes]);
  }
  show(name: string, isOn: boolean): void {
    const rest = this.names.filter((shown) => shown !== name);
    this.change({ curves: isOn ? [...rest, name] : rest });
  }
  rename(before: string, after: string): void {
    if (this.chosen.curves === null) return;
    this.change({ curves: this.chosen.curves.map((name) => (name === before ? after : name)) });
  }
}

export const train = new Train();
