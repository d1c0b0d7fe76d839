/** How weights of a run were distributed over time: which run and step are looked at, and what was fetched. */
import { getDistributions, type Distribution, type Run } from "../api";
import { joinSteps } from "../chart/ridges";
import { runs } from "./runs.svelte";
import { train } from "./train.svelte";

/** While a run learns, it logs every few seconds. */
const STALE_MS = 4_000;

class Weights {
  isOpen = $state(false);
  #chosen: string | null = $state(null);
  /** The step looked at; null: the last. */
  step: number | null = $state(null);
  #known: ReadonlyMap<string, Distribution[]> = $state.raw(new Map());
  #asked = new Map<string, number>();

  run: Run | null = $derived(
    train.shown.find(({ name }) => name === this.#chosen) ??
      train.shown.find(({ status }) => status !== "queued") ??
      null,
  );
  /** What is known of the run; null while it is on the way. */
  all: Distribution[] | null = $derived(this.run ? (this.#known.get(this.run.name) ?? null) : null);
  steps: number[] = $derived(joinSteps(this.all ?? []));
  /** The step that is shown: the one looked at, or the last. */
  shownStep: number = $derived(this.step ?? this.steps.at(-1) ?? 0);

  choose(name: string): void {
    this.#chosen = name;
    this.step = null;
  }
  /** Fetch what a run has logged, unless that was done a moment ago. */
  async load({ name, status }: Run): Promise<void> {
    const before = this.#asked.get(name);
    if (before !== undefined && (status !== "running" || Date.now() - before < STALE_MS)) return;
    this.#asked.set(name, Date.now());
    try {
      const { distributions } = await getDistributions(name);
      this.#known = new Map([...this.#known, [name, distributions]]);
      // What was read while it learned may be short of the end.
      if (status === "running") setTimeout(() => this.#asked.delete(name), STALE_MS);
    } catch (error) {
      this.#asked.delete(name);
      runs.noteFailure(error);
      if (!runs.isLost) this.#known = new Map([...this.#known, [name, []]]);
    }
  }
}

export const weights = new Weights();
