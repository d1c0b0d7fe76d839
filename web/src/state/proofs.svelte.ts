/** What the proof suites say of the shown networks, and what is being measured. */
import { untrack } from "svelte";
import {
  ApiError,
  getEvaluation,
  getEvaluationJobs,
  getTestImages,
  startEvaluation,
  stopEvaluation,
  type AnsweredImage,
  type Evaluation,
  type EvaluationJob,
  type Problem,
  type Run,
  type SuiteName,
  type SuiteResult,
} from "../api";
import { runs } from "./runs.svelte";
import { settings } from "./settings.svelte";

const BUSY_MS = 600;
const QUIET_MS = 5000;
const PAGE_SIZE = 24;

/** A cell of a confusion matrix, opened to its images. */
export interface OpenCell {
  run: string;
  label: number;
  answer: number;
}

class Proofs {
  jobs: EvaluationJob[] = $state.raw([]);
  problem: Problem | null = $state.raw(null);
  /** Which digits the shift maps are about, in all of them. */
  kind: "whole" | "cut" = $state("whole");
  /** The class that the shift maps are about; null is all. */
  label: number | null = $state(null);

  cell: OpenCell | null = $state.raw(null);
  images: AnsweredImage[] = $state.raw([]);
  /** How many images the open cell has; null while they are on the way. */
  total: number | null = $state(null);

  #known: Record<string, Evaluation> = $state.raw({});
  #timer: ReturnType<typeof setTimeout> | undefined;
  isWanted: boolean = $derived(settings.tab === "prove" || settings.map === "digits");

  of(run: string): Evaluation | null {
    return this.#known[run] ?? null;
  }
  resultOf(run: string, suite: SuiteName): SuiteResult | null {
    return this.of(run)?.suites.find((view) => view.suite === suite)?.result ?? null;
  }
  jobOf(run: string): EvaluationJob | null {
    return (
      this.jobs.find((job) => job.run === run && job.state !== "waiting") ??
      this.jobs.find((job) => job.run === run) ??
      null
    );
  }

  /** Fetch what is shown, and look after what is being measured. Call once, inside an effect root. */
  follow(): void {
    // As text, because each polling makes new runs that are the same.
    const shown = $derived(
      this.isWanted && !runs.isLost
        ? runs.shown.map((run) => `${run.name} ${run.status} ${run.newest_step}`).join("\n")
        : "",
    );
    $effect(() => {
      const names = shown.split("\n").flatMap((line) => line.split(" ")[0] || []);
      // What is read on the way there is no reason to ask again.
      untrack(() => {
        for (const name of names) void this.#fetch(name);
        if (names.length > 0) void this.#poll();
      });
      return () => clearTimeout(this.#timer);
    });
  }

  async measure(run: string, suites: SuiteName[] | null): Promise<void> {
    await this.#try(async () => this.#take(await startEvaluation(run, suites)));
    void this.#poll();
  }
  async stop(run: string): Promise<void> {
    await this.#try(async () => this.#take(await stopEvaluation(run)));
  }

  /** Open a cell to its images, or close it if it is open. */
  async open(cell: OpenCell): Promise<void> {
    const { run, label, answer } = this.cell ?? {};
    this.cell = run === cell.run && label === cell.label && answer === cell.answer ? null : cell;
    this.images = [];
    this.total = null;
    if (this.cell) await this.more();
  }
  /** Fetch more images of the open cell. */
  async more(): Promise<void> {
    const cell = this.cell;
    if (!cell) return;
    await this.#try(async () => {
      const page = await getTestImages(cell.run, cell.label, cell.answer, this.images.length, PAGE_SIZE);
      if (this.cell !== cell) return;
      this.images = [...this.images, ...page.images];
      this.total = page.total;
    });
  }

  async #poll(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#try(async () => this.#take(await getEvaluationJobs()));
    const isBusy = this.jobs.some((job) => job.state !== "failed");
    clearTimeout(this.#timer);
    if (this.isWanted) this.#timer = setTimeout(() => void this.#poll(), isBusy ? BUSY_MS : QUIET_MS);
  }
  /** Whenever a suite begins or a job ends, another result may be there. */
  #take(jobs: EvaluationJob[]): void {
    const phase = (job: EvaluationJob | undefined) => job && `${job.state} ${job.suite}`;
    const names = new Set([...this.jobs, ...jobs].map((job) => job.run));
    for (const name of names) {
      const [before, after] = [this.jobs, jobs].map((list) =>
        list
          .filter((job) => job.run === name)
          .map(phase)
          .join(),
      );
      if (before !== after) void this.#fetch(name);
    }
    this.jobs = jobs;
  }
  async #fetch(name: string): Promise<void> {
    if (!runs.all.some((run: Run) => run.name === name && run.status !== "broken")) return;
    await this.#try(async () => {
      const evaluation = await getEvaluation(name);
      this.#known = { ...this.#known, [name]: evaluation };
    });
  }
  async #try(act: () => Promise<void>): Promise<void> {
    try {
      await act();
      this.problem = null;
    } catch (error) {
      if (error instanceof ApiError) this.problem = error.problem;
      else runs.noteFailure(error);
    }
  }
}

export const proofs = new Proofs();
