/** What a person does to runs. Deleting can be undone, so nothing asks whether one is sure. */
import {
  ApiError,
  deleteRun,
  forkRun,
  getTrash,
  orderQueue,
  restoreRun,
  resumeRun,
  stopRun,
  updateRun,
  type Deleted,
  type Problem,
  type Run,
} from "../api";
import { live } from "./live.svelte";
import { runs } from "./runs.svelte";
import { train } from "./train.svelte";

/** How long the undo of a deletion stands in the view; after that it is in the list of deleted runs for a day. */
const UNDO_MS = 20_000;

class Acts {
  problem: Problem | null = $state.raw(null);
  /** Runs deleted a moment ago, whose undo is offered; the newest last. */
  undoable: Deleted[] = $state.raw([]);
  trash: Deleted[] = $state.raw([]);

  stop = (run: Run) => this.#do(async () => runs.take(await stopRun(run.name)));
  resume = (run: Run) => this.#do(async () => runs.take(await resumeRun(run.name)));
  /** Begin a training as a run began, with other settings from a step on. True when the server took it. */
  fork = (run: Run, fork: Parameters<typeof forkRun>[1]) =>
    this.#do(async () => {
      const made = await forkRun(run.name, fork);
      runs.take(made);
      // Beside the run that it begins as, for that is what it is compared with.
      for (const { name } of [run, made]) if (!train.names.includes(name)) train.show(name, true);
    });
  order = (names: string[]) => this.#do(async () => void (live.queue = await orderQueue(names)));
  loadTrash = () => this.#do(async () => void (this.trash = await getTrash()));

  /** Give a run another name, another note. True when the server took them. */
  edit = (run: Run, name: string, note: string) =>
    this.#do(async () => {
      const isRenamed = name !== run.name;
      const next = await updateRun(run.name, { ...(isRenamed ? { name } : {}), note });
      if (isRenamed) {
        runs.drop(run.name);
        train.rename(run.name, next.name);
      }
      runs.take(next);
    });

  remove = (run: Run) =>
    this.#do(async () => {
      const deleted = await deleteRun(run.name);
      runs.drop(run.name);
      this.undoable = [...this.undoable, deleted];
      this.trash = [deleted, ...this.trash];
      setTimeout(() => this.forget(deleted.id), UNDO_MS);
    });

  restore = (deleted: Deleted) =>
    this.#do(async () => {
      const run = await restoreRun(deleted.id);
      this.forget(deleted.id);
      this.trash = this.trash.filter(({ id }) => id !== deleted.id);
      runs.take(run);
      train.rename(deleted.name, run.name);
    });

  forget(id: string): void {
    this.undoable = this.undoable.filter((deleted) => deleted.id !== id);
  }

  async #do(act: () => Promise<void>): Promise<boolean> {
    this.problem = null;
    try {
      await act();
      return true;
    } catch (error) {
      if (error instanceof ApiError) this.problem = error.problem;
      else runs.noteFailure(error);
      return false;
    }
  }
}

export const acts = new Acts();
