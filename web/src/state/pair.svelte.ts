/** Two networks set against each other: where they answer otherwise, and the images behind one cell of the table. */
import {
  ApiError,
  getAnswerTable,
  getComparedImages,
  type AnswerTable,
  type DoublyAnsweredImage,
  type ImageQuery,
  type Problem,
} from "../api";
import { runs } from "./runs.svelte";

const FIRST_IMAGES = 24;
const MORE_IMAGES = 48;

export type PairNames = [first: string, second: string];
/** Who is right, class by class; or what both answer. */
export type PairKind = "byClass" | "byAnswer";

class Pair {
  names: PairNames | null = $state.raw(null);
  table: AnswerTable | null = $state.raw(null);
  kind: PairKind = $state("byClass");
  /** The cell whose images are shown. */
  cell: { row: number; column: number } | null = $state.raw(null);
  query: ImageQuery | null = $state.raw(null);
  images: DoublyAnsweredImage[] = $state.raw([]);
  total: number | null = $state(null);
  problem: Problem | null = $state.raw(null);

  readonly more = MORE_IMAGES;

  async show(names: PairNames): Promise<void> {
    if (this.names?.join() === names.join() && this.table) return;
    this.names = names;
    this.table = null;
    this.#forgetImages();
    await this.#take(async () => {
      const table = await getAnswerTable(...names);
      if (this.names === names) this.table = table;
    });
  }

  showKind(kind: PairKind): void {
    this.kind = kind;
    this.#forgetImages();
  }

  async open(cell: { row: number; column: number }, query: ImageQuery): Promise<void> {
    this.#forgetImages();
    this.cell = cell;
    this.query = query;
    await this.#fetch(FIRST_IMAGES);
  }
  async openMore(): Promise<void> {
    await this.#fetch(MORE_IMAGES);
  }

  #forgetImages(): void {
    this.cell = null;
    this.query = null;
    this.images = [];
    this.total = null;
    this.problem = null;
  }
  async #fetch(limit: number): Promise<void> {
    const [names, query] = [this.names, this.query];
    if (!names || !query) return;
    await this.#take(async () => {
      const found = await getComparedImages(names, query, this.images.length, limit);
      if (this.query !== query) return;
      this.images = [...this.images, ...found.images];
      this.total = found.total;
    });
  }
  async #take(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      runs.noteFailure(error);
      if (error instanceof ApiError) this.problem = error.problem;
    }
  }
}

export const pair = new Pair();
