/** What the view that trains shows: which runs, over what, how smooth; and the curves that follow from it. */
import type { Axis } from "../chart/axis";
import type { Curve } from "../chart/curve";
import { assignLooks } from "../chart/look";
import { getRunSettings, type Run } from "../api";
import { readBatches, type Batches } from "./batches";
import { chooseCurves } from "./choose";
import { METRICS, type Columns, type Metric } from "./columns";
import { CurveCache, Memo } from "./curve-cache";
import { live } from "./live.svelte";
import { runs } from "./runs.svelte";
import { alignSteps, groupSeeds, joinCurves, mayShareSettings, type Settings } from "./seeds";
import { t } from "./settings.svelte";
import { PLAIN, type TrainAddress } from "./train-address";

const keyOf = ({ name, started_at }: Run) => `${name} ${started_at}`;

function byMetric(curvesOf: (metric: Metric) => Curve[]): Record<Metric, Curve[]> {
  return Object.fromEntries(METRICS.map((metric) => [metric, curvesOf(metric)])) as Record<Metric, Curve[]>;
}

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

  /** What was asked of runs, by `keyOf`: a name alone may be given again. */
  #asked: ReadonlyMap<string, Settings | null> = $state.raw(new Map());
  settings: ReadonlyMap<string, Settings> = $derived.by(() => {
    const known = this.shown.map((run) => [run.name, this.#asked.get(keyOf(run))] as const);
    return new Map(known.filter((entry): entry is [string, Settings] => !!entry[1]));
  });
  /** Runs shown whose settings must be known, and are not. */
  unknown: Run[] = $derived.by(() => {
    const needed = this.chosen.x === "images" ? this.shown : mayShareSettings(this.shown);
    return needed.filter((run) => !this.#asked.has(keyOf(run)));
  });

  /** Names of runs that differ by nothing but their seed, by seed. */
  seeds: string[][] = $derived(groupSeeds(this.shown, this.settings));
  #leaders: ReadonlyMap<string, string> = $derived(
    new Map(
      this.chosen.joinsSeeds
        ? this.seeds.flatMap((names) => names.map((name) => [name, names[0]!] as const))
        : [],
    ),
  );
  #before = new Map<string, number>();
  #looks: ReadonlyMap<string, number> = $derived.by(
    () => (this.#before = assignLooks([...new Set(this.names.map((name) => this.idOf(name)))], this.#before)),
  );

  #cache = new CurveCache();
  #aligned = new Memo<Columns[]>();
  #joined = new Memo<Curve | null>();
  /** The curves of each run on its own. */
  own: Record<Metric, Curve[]> = $derived(
    byMetric((metric) =>
      this.shown.flatMap((run) => this.#make(run.name, live.columns.get(run.name), metric) ?? []),
    ),
  );
  /** The curves that are drawn: several seeds as one, where that is wanted. */
  curves: Record<Metric, Curve[]> = $derived(
    byMetric((metric) => {
      const joined = this.chosen.joinsSeeds
        ? this.seeds.flatMap((names) => this.#join(names, metric) ?? [])
        : [];
      const byId = new Map(joined.map((curve) => [curve.id, curve]));
      const drawn = this.own[metric].map((curve) => byId.get(this.idOf(curve.id)) ?? curve);
      return [...new Set(drawn)];
    }),
  );

  /** The id of the curve that stands for a run: its own, or that of the first of its seeds. */
  idOf(name: string): string {
    return this.#leaders.get(name) ?? name;
  }
  lookOf(name: string): number {
    return this.#looks.get(this.idOf(name)) ?? 0;
  }
  batchesOf(name: string): Batches | null {
    return readBatches(this.settings.get(name));
  }

  #make(name: string, columns: Columns | undefined, metric: Metric): Curve | null {
    const { x, smoothing } = this.chosen;
    const facts = {
      name,
      look: this.lookOf(name),
      batches: this.batchesOf(name),
      num_measured: this.shown.find((run) => run.name === name)?.accuracy?.n ?? null,
    };
    return columns ? this.#cache.get(columns, metric, x, smoothing, facts) : null;
  }
  #join(names: readonly string[], metric: Metric): Curve | null {
    const [first, last] = [names[0]!, names.at(-1)!];
    const columns = names.flatMap((name) => live.columns.get(name) ?? []);
    if (columns.length < names.length) return null;
    const aligned = this.#aligned.get(first, columns, alignSteps);
    const curves = names.flatMap((name, index) => this.#make(name, aligned[index], metric) ?? []);
    if (curves.length < names.length) return null;
    const label = t("curves.seeds", { first, last, n: names.length });
    return this.#joined.get(`${metric} ${label}`, curves, () =>
      joinCurves(curves, label, this.lookOf(first)),
    );
  }

  change(changes: Partial<TrainAddress>): void {
    if ("x" in changes || "isLogX" in changes) this.zoom = this.cursor = null;
    this.chosen = { ...this.chosen, ...changes };
  }
  /** Ask for the settings that are not known. */
  async loadSettings(): Promise<void> {
    const asked = this.unknown;
    const found = await Promise.allSettled(asked.map(({ name }) => getRunSettings(name)));
    const values = found.map((result) => (result.status === "fulfilled" ? result.value.values : null));
    this.#asked = new Map([
      ...this.#asked,
      ...asked.map((run, index) => [keyOf(run), values[index]!] as const),
    ]);
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
