/** What the view that compares shows: the groups there are, those chosen, and the server's report on them. */
import {
  ApiError,
  getComparison,
  getRunGroups,
  type ComparisonReport,
  type Problem,
  type RunGroup,
} from "../api";
import { Latest } from "../latest";
import { CHOSEN_FOR_YOU, type CompareAddress } from "./compare-address";
import { chooseGroups, choosePair } from "./groups";
import { runs } from "./runs.svelte";
import { sortOutTrials } from "./trials";

/** While networks still answer, the report is asked for again. */
const AGAIN_MS = 300;

class Compare {
  chosen: CompareAddress = $state.raw(CHOSEN_FOR_YOU);
  groups: RunGroup[] = $state.raw([]);
  isListed = $state(false);
  report: ComparisonReport | null = $state.raw(null);
  problem: Problem | null = $state.raw(null);
  isAsking = $state(false);
  /** Group meant by the pointer, in every chart. */
  focus: string | null = $state(null);

  /** Groups without single trials of sweeps, which nobody means who chooses nothing. */
  #own: RunGroup[] = $derived.by(() => {
    const { groups } = sortOutTrials(this.groups, runs.all);
    return groups.length > 0 ? groups : this.groups;
  });
  names: string[] = $derived(this.chosen.runs ?? chooseGroups(this.#own));
  pair: [first: string, second: string] | null = $derived.by(() => {
    const known = this.report?.groups.flatMap((group) => group.runs.map(({ name }) => name)) ?? [];
    const chosen = this.chosen.pair;
    return chosen?.every((name) => known.includes(name)) ? chosen : choosePair(this.report?.groups ?? []);
  });
  /** Changes when a training ends, or a run is deleted. */
  finished: string = $derived(
    JSON.stringify(runs.all.filter(({ status }) => status === "finished").map(({ name }) => name)),
  );

  #timer: ReturnType<typeof setTimeout> | undefined;
  #latest = new Latest<string[], ComparisonReport>(
    (names, signal) => getComparison(names, signal),
    (report, names) => {
      this.report = report;
      this.problem = null;
      this.isAsking = false;
      if (report.num_pending > 0) this.#timer = setTimeout(() => this.#latest.ask(names), AGAIN_MS);
    },
    (error) => {
      this.isAsking = false;
      runs.noteFailure(error);
      if (error instanceof ApiError) {
        this.report = null;
        this.problem = error.problem;
      }
    },
  );

  choose(names: string[] | null): void {
    this.chosen = { ...this.chosen, runs: names };
  }
  choosePair(pair: [string, string]): void {
    this.chosen = { ...this.chosen, pair };
  }

  async list(): Promise<void> {
    try {
      this.groups = await getRunGroups();
      this.isListed = true;
    } catch (error) {
      runs.noteFailure(error);
      if (error instanceof ApiError) this.problem = error.problem;
    }
  }

  /** Ask for the report on some runs; fewer than two give none. */
  ask(names: string[]): void {
    clearTimeout(this.#timer);
    this.problem = null;
    if (names.length < 2) {
      this.#latest.cancel();
      this.report = null;
      this.isAsking = false;
      return;
    }
    this.isAsking = true;
    this.#latest.ask(names);
  }
}

export const compare = new Compare();
