/** First-layer filters, fetched once for each run and step. */
import { getFilters, type Filters } from "../api";
import { runs } from "./runs.svelte";

const MAX_KEPT = 200;

const toKey = (run: string, step: number | null, newest: number) =>
  step === null ? `${run} newest ${newest}` : `${run} ${step}`;

class FilterStore {
  #known = new Map<string, Filters | null>();
  #asked = new Set<string>();
  #version = $state(0);

  /** The filters at a step of the timeline, or (null) of the newest network, whose step is `newest`;
   * null where the network has none, undefined while they are on the way. */
  get(run: string, step: number | null, newest: number): Filters | null | undefined {
    void this.#version;
    return this.#known.get(toKey(run, step, newest));
  }

  async fetch(run: string, step: number | null, newest: number): Promise<void> {
    const key = toKey(run, step, newest);
    if (this.#known.has(key) || this.#asked.has(key)) return;
    this.#asked.add(key);
    try {
      const filters = await getFilters(run, step);
      if (this.#known.size > MAX_KEPT) this.#known.clear();
      this.#known.set(key, filters);
    } catch (error) {
      runs.noteFailure(error);
      if (!runs.isLost) this.#known.set(key, null);
    }
    this.#asked.delete(key);
    this.#version += 1;
  }
}

export const filterStore = new FilterStore();
