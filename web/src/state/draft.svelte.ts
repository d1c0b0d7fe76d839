/** The training that is being put together in the form. */
import { ApiError, getRecipes, getRunSettings, startTraining, type Recipe, type Setting } from "../api";
import { collectChanges, differs, groupFields, MODEL_NAME, toText, type Groups } from "./form";
import { runs } from "./runs.svelte";

class Draft {
  recipes: Recipe[] = $state.raw([]);
  settings: Setting[] = $state.raw([]);
  recipeName = $state("");
  /** What was typed, by the dotted name of the setting; a field not touched is not in it. */
  texts: Record<string, string> = $state({});
  name = $state("");
  note = $state("");
  isStarting = $state(false);
  /** What the server says against it, and at which field. */
  problem: { field: string | null; message: string; hint: string | null } | null = $state.raw(null);

  recipe: Recipe | null = $derived(
    this.recipes.find(({ name }) => name === this.recipeName) ?? this.recipes[0] ?? null,
  );
  model: string | null = $derived(this.texts[MODEL_NAME] ?? this.recipe?.model ?? null);
  groups: Groups<Setting> = $derived(groupFields(this.settings, this.model));
  fields: Setting[] = $derived([...this.groups.first, ...this.groups.network, ...this.groups.more]);
  numChanged: number = $derived(this.fields.filter((setting) => this.isChanged(setting)).length);

  /** The text of a field: what was typed, else the recipe's value, else the default. */
  textOf(setting: Setting): string {
    return this.texts[setting.name] ?? toText(this.#valueOf(setting));
  }
  /** The value from which the field starts: the recipe's. */
  recipeTextOf(setting: Setting): string {
    return toText(this.#valueOf(setting));
  }
  isChanged(setting: Setting): boolean {
    return differs(this.textOf(setting), this.#valueOf(setting), setting.type);
  }
  /** Another architecture has settings that the recipe does not speak of: they start from their defaults. */
  #valueOf({ name, default: otherwise }: Setting) {
    return this.recipe?.values[name] ?? otherwise;
  }

  write(setting: Setting, text: string): void {
    this.texts[setting.name] = text;
    if (this.problem?.field === setting.name) this.problem = null;
  }
  reset(setting: Setting): void {
    delete this.texts[setting.name];
    if (this.problem?.field === setting.name) this.problem = null;
  }
  resetAll(): void {
    this.texts = {};
    this.problem = null;
  }
  chooseRecipe(name: string): void {
    this.recipeName = name;
    this.resetAll();
  }

  async load(): Promise<void> {
    if (this.settings.length > 0) return;
    try {
      const { recipes, settings } = await getRecipes();
      this.recipes = recipes;
      this.settings = settings;
      this.recipeName ||= recipes.find(({ name }) => name === "tutorial")?.name ?? recipes[0]?.name ?? "";
    } catch (error) {
      this.#note(error);
    }
  }

  /** Fill the form as a run was trained: “again, but …”. */
  async fillFrom(run: string): Promise<boolean> {
    await this.load();
    try {
      const { recipe, values } = await getRunSettings(run);
      this.chooseRecipe(recipe);
      this.texts = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, toText(value)]));
      return true;
    } catch (error) {
      this.#note(error);
      return false;
    }
  }

  /** Start it. Gives the name of the new run; null when the server refuses. */
  async start(): Promise<string | null> {
    if (!this.recipe || this.isStarting) return null;
    this.isStarting = true;
    this.problem = null;
    const values = Object.fromEntries(this.fields.map((setting) => [setting.name, this.#valueOf(setting)]));
    try {
      const run = await startTraining({
        recipe: this.recipe.name,
        changes: collectChanges(this.fields, this.texts, values),
        name: this.name.trim() || null,
        note: this.note.trim() || null,
      });
      runs.take(run);
      this.name = this.note = "";
      return run.name;
    } catch (error) {
      this.#note(error);
      return null;
    } finally {
      this.isStarting = false;
    }
  }

  #note(error: unknown): void {
    if (error instanceof ApiError)
      this.problem = {
        ...error.problem,
        field: error.problem.field ?? null,
        hint: error.problem.hint ?? null,
      };
    else runs.noteFailure(error);
  }
}

export const draft = new Draft();
