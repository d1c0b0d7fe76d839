/** The runs on the server, asked for again and again: each second while one is learning. */
import { getHealth, getRuns, ServerLostError, type Health, type Run } from "../api";
import { chooseRuns, joinTimelines } from "./choose";
import { settings } from "./settings.svelte";

const BUSY_MS = 1000;
const QUIET_MS = 4000;
/** While events tell what changes, asking only mends what they may have missed. */
const FOLLOWED_MS = 15_000;

class Runs {
  all: Run[] = $state.raw([]);
  health: Health | null = $state.raw(null);
  isLoaded = $state(false);
  isLost = $state(false);
  /** Whether the server's events are heard, which say the same sooner. */
  isFollowed = $state(false);

  shownNames: string[] = $derived(settings.networks ?? chooseRuns(this.all));
  shown: Run[] = $derived(
    this.shownNames
      .map((name) => this.all.find((run) => run.name === name))
      .filter((run) => run !== undefined),
  );
  missing: string[] = $derived(
    this.isLoaded ? this.shownNames.filter((name) => !this.all.some((run) => run.name === name)) : [],
  );
  timeline: number[] = $derived(joinTimelines(this.shown));
  /** Whose test images are fetched, by their classes: those of the first network shown. */
  #taught: Run | undefined = $derived(this.shown[0] ?? this.all.find((run) => run.classes.length > 0));
  classes: string[] = $derived(this.#taught?.classes ?? []);
  dataset: string | null = $derived(this.#taught?.dataset ?? null);
  isLearning: boolean = $derived(this.shown.some((run) => run.status === "running"));

  #timer: ReturnType<typeof setTimeout> | undefined;

  async poll(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      this.all = await getRuns();
      this.isLoaded = true;
      this.isLost = false;
      if (!this.health || !(this.health.tensorboard.url || this.health.tensorboard.problem)) {
        this.health = await getHealth();
      }
    } catch (error) {
      this.noteFailure(error);
    }
    const isBusy = this.isLost || this.all.some((run) => run.status === "running");
    const wait = this.isFollowed && !this.isLost ? FOLLOWED_MS : isBusy ? BUSY_MS : QUIET_MS;
    this.#timer = setTimeout(() => void this.poll(), wait);
  }

  /** Runs as they are now; those not known yet are the newest. */
  take(...runs: Run[]): void {
    const fresh = new Map(runs.map((run) => [run.name, run]));
    const known = this.all.map((run) => fresh.get(run.name) ?? run);
    for (const { name } of known) fresh.delete(name);
    this.all = [...fresh.values(), ...known];
  }
  drop(name: string): void {
    this.all = this.all.filter((run) => run.name !== name);
  }

  /** Any request may be the first to find that the server is gone; the polling finds it again. */
  noteFailure(error: unknown): void {
    if (!(error instanceof ServerLostError) || this.isLost) return;
    this.isLost = true;
    this.health = null;
    this.askSoon();
  }
  /** Events are not heard any more, or a connection broke, which may mean nothing. */
  askSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.poll(), BUSY_MS);
  }
}

export const runs = new Runs();
