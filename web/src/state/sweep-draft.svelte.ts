/** The sweep that is being put together in the form. */
import { ApiError, startSweep, type Problem, type Recipe, type Setting } from "../api";
import { draft } from "./draft.svelte";
import { runs } from "./runs.svelte";
import { sweep } from "./sweep.svelte";
import {
  collectRows,
  estimateCost,
  findSearchable,
  isRowAtFault,
  suggestRow,
  type Cost,
  type Row,
} from "./sweep-form";

const FIRST = "learning_rate";

class SweepDraft {
  recipeName = $state("");
  /** null: as suggested for the recipe. */
  #rows: Row[] | null = $state(null);
  trials = $state("30");
  seeds = $state("1");
  finalSeeds = $state("5");
  stopsEarly = $state(true);
  name = $state("");
  isStarting = $state(false);
  problem: Problem | null = $state.raw(null);

  recipe: Recipe | null = $derived(
    draft.recipes.find(({ name }) => name === this.recipeName) ?? draft.recipe,
  );
  searchable: Setting[] = $derived(
    findSearchable(draft.settings, this.recipe?.model ?? null, sweep.list?.fixed_settings ?? []),
  );
  rows: Row[] = $derived(this.#rows ?? this.#suggest());
  /** Settings that no row speaks of yet. */
  others: Setting[] = $derived(
    this.searchable.filter(({ name }) => !this.rows.some((row) => row.name === name)),
  );
  cost: Cost | null = $derived(
    estimateCost(this.rows, this.recipe?.values.steps, {
      trials: Number(this.trials),
      seeds: Number(this.seeds),
      finalSeeds: this.finalSeeds.trim() === "" ? NaN : Number(this.finalSeeds),
    }),
  );
  /** Seconds that all steps take at the speed of the newest finished run of the recipe; null if there is none. */
  seconds: number | null = $derived.by(() => {
    const known = runs.all.find(
      ({ recipe, status, step, training_seconds, trial }) =>
        recipe === this.recipe?.name && status === "finished" && step && training_seconds && !trial,
    );
    return known && this.cost ? (this.cost.allSteps * known.training_seconds!) / known.step! : null;
  });
  /** What is wrong with the sweep as a whole, not with one of its fields. */
  isElsewhere: boolean = $derived.by(() => {
    const field = this.problem?.field ?? null;
    const isField = ["trials", "seeds", "final_seeds", "name"].includes(field ?? "");
    return this.problem !== null && !isField && !this.rows.some((row) => isRowAtFault(row, field));
  });

  #suggest(): Row[] {
    const first = this.searchable.find(({ name }) => name === FIRST) ?? this.searchable[0];
    return first ? [this.#suggestFor(first)] : [];
  }
  #suggestFor = (setting: Setting): Row => suggestRow(setting, this.recipe?.values[setting.name]);

  chooseRecipe(name: string): void {
    this.recipeName = name;
    this.#rows = null;
    this.problem = null;
  }
  find = (name: string) => this.searchable.find((setting) => setting.name === name);

  /** Another row, for the next setting that has none. Its place. */
  add(): number {
    const next = this.others.find(({ name }) => name === "batch_size") ?? this.others[0];
    if (next) this.#rows = [...this.rows, this.#suggestFor(next)];
    return this.rows.length - 1;
  }
  remove(place: number): void {
    this.#rows = this.rows.filter((_row, index) => index !== place);
    this.problem = null;
  }
  change(place: number, changes: Partial<Row>): void {
    const row = this.rows[place]!;
    if (isRowAtFault(row, this.problem?.field ?? null)) this.problem = null;
    const other = changes.name === undefined ? undefined : this.find(changes.name);
    const next = other ? this.#suggestFor(other) : { ...row, ...changes };
    if (changes.kind === "fixed") next.values = String(this.recipe?.values[row.name] ?? row.values);
    this.#rows = this.rows.map((known, index) => (index === place ? next : known));
  }

  /** Start it. Its name; null when the server refuses. */
  async start(): Promise<string | null> {
    if (!this.recipe || this.isStarting) return null;
    this.isStarting = true;
    this.problem = null;
    try {
      const view = await startSweep({
        recipe: this.recipe.name,
        ...collectRows(this.rows),
        trials: toNumber(this.trials),
        seeds: toNumber(this.seeds),
        final_seeds: toNumber(this.finalSeeds),
        stops_early: this.stopsEarly,
        name: this.name.trim() || null,
      });
      this.name = "";
      void sweep.loadList();
      sweep.choose(view.name);
      sweep.take(view);
      void sweep.load(view.name);
      return view.name;
    } catch (error) {
      if (error instanceof ApiError) this.problem = error.problem;
      else runs.noteFailure(error);
      return null;
    } finally {
      this.isStarting = false;
    }
  }
}

/** What is no number goes as it is: the server says what is wrong with it. */
const toNumber = (text: string) =>
  Number.isFinite(Number(text)) && text.trim() !== "" ? Number(text) : (text as never);

export const sweepDraft = new SweepDraft();
