/** The sweeps on the server, and the one that is looked at: asked for again while it runs or its runs change. */
import {
  ApiError,
  deleteSweep,
  getSweep,
  getSweeps,
  resumeSweep,
  stopSweep,
  type Problem,
  type SweepList,
  type SweepTrial,
  type SweepView,
} from "../api";
import { runs } from "./runs.svelte";
import { train } from "./train.svelte";

const RUNNING_MS = 1_000;
/** Of ten thousand trials an answer takes longer to make: then it is asked for less often. */
const PATIENCE = 4;

class Sweep {
  list: SweepList | null = $state.raw(null);
  view: SweepView | null = $state.raw(null);
  /** Why the sweep cannot be shown, or what was asked cannot be done. */
  problem: Problem | null = $state.raw(null);
  /** The number of the trial that is meant, in every picture and in the table. */
  focus: number | null = $state(null);
  /** The number of the trial that is to be brought into sight in the table. */
  wanted: number | null = $state(null);
  /** The setting that accuracy is drawn over; null: the first that is a range. */
  across: string | null = $state(null);
  /** Whether the axis of the accuracy spreads the best apart. */
  isSpread = $state(true);

  /** The sweep that is looked at: the one of the address, else the newest. */
  name: string | null = $derived(train.chosen.sweep || (this.list?.sweeps[0]?.name ?? null));
  meant: SweepTrial | null = $derived(this.view?.table.find(({ number }) => number === this.focus) ?? null);
  /** Changes when a run of the sweep begins, ends, or is deleted. */
  runsText: string = $derived(
    runs.all
      .filter(({ trial }) => trial !== null && trial.sweep === this.name)
      .map(({ name, status }) => `${name}:${status}`)
      .join(),
  );
  /** Changes when a sweep appears among the runs that the list does not know, or one ends. */
  sweepsText: string = $derived(
    [
      ...new Set(
        runs.all.flatMap(({ trial, status }) => (trial ? [`${trial.sweep}:${status === "running"}`] : [])),
      ),
    ]
      .sort()
      .join(),
  );

  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Which request is the newest; answers to others come too late. */
  #asked = 0;

  async loadList(): Promise<void> {
    try {
      this.list = await getSweeps();
    } catch (error) {
      runs.noteFailure(error);
    }
  }

  choose(name: string): void {
    this.focus = this.across = this.wanted = null;
    train.change({ sweep: name });
  }

  /** Ask for the sweep that is looked at, and again and again while it runs. */
  async load(name: string | null): Promise<void> {
    clearTimeout(this.#timer);
    const asked = (this.#asked += 1);
    if (name === null) {
      this.view = null;
      return;
    }
    const began = performance.now();
    try {
      const view = await getSweep(name);
      if (asked !== this.#asked) return;
      if (this.view?.status === "running" && view.status !== "running") void this.loadList();
      this.take(view);
      this.problem = null;
    } catch (error) {
      if (asked !== this.#asked) return;
      if (error instanceof ApiError) {
        this.view = null;
        this.problem = error.problem;
        return;
      }
      runs.noteFailure(error);
    }
    if (this.view?.status !== "running" && !runs.isLost) return;
    const wait = Math.max(RUNNING_MS, PATIENCE * (performance.now() - began));
    this.#timer = setTimeout(() => void this.load(name), wait);
  }
  leave(): void {
    clearTimeout(this.#timer);
    this.#asked += 1;
  }
  take(view: SweepView): void {
    this.view = view;
  }

  stop = (name: string) => this.#do(name, async () => this.take(await stopSweep(name)));
  resume = (name: string, trials: number | null) =>
    this.#do(name, async () => this.take(await resumeSweep(name, trials)));
  remove = (name: string, withRuns: boolean) =>
    this.#do(null, async () => {
      const { runs: gone } = await deleteSweep(name, withRuns);
      for (const run of gone) runs.drop(run);
      train.change({ sweep: "" });
      this.view = null;
      await this.loadList();
    });

  /** Do what a person asked for; the sweep is then followed again. True when the server did it. */
  async #do(name: string | null, act: () => Promise<void>): Promise<boolean> {
    this.problem = null;
    try {
      await act();
      if (name !== null) void this.load(name);
      return true;
    } catch (error) {
      if (error instanceof ApiError) this.problem = error.problem;
      else runs.noteFailure(error);
      return false;
    }
  }
}

export const sweep = new Sweep();
