/** The drawing on the pad: its history, the stroke under the pen, the tools. */
import { getExample, readImage } from "../api";
import { begin, record, redo, undo, type History } from "../draw/history";
import {
  addStroke,
  EMPTY,
  isEmpty,
  PAD_SIZE,
  PEN_WIDTH,
  type Drawing,
  type Picture,
  type Point,
} from "../draw/strokes";
import { layOnPad, move, scale, thicken, turn } from "../draw/transform";

export type Tool = "pen" | "eraser" | "move";

const TURN_DEGREES = 10;
const GROWTH = 1.1;
const THICKNESS_PX = 2;
/** An eraser wider than the pen: what it should take away is as wide as the pen. */
const ERASER_FACTOR = 1.75;

class Pad {
  #history: History<Drawing> = $state.raw(begin(EMPTY));
  /** The drawing with the stroke or gesture that is under way; null when none is. */
  #preview: Drawing | null = $state.raw(null);
  #points: Point[] = [];
  #exampleIndex = -1;

  tool: Tool = $state("pen");
  penWidth = $state(PEN_WIDTH);
  /** Size of one network pixel on the pad: how far a nudge goes. */
  nudgePx = $state(PAD_SIZE / 28);
  /** Why the last image could not be read. */
  problem: { message: string; hint?: string | null } | null = $state.raw(null);

  get drawing(): Drawing {
    return this.#preview ?? this.#history.present;
  }
  get settled(): Drawing {
    return this.#history.present;
  }
  get isBusy(): boolean {
    return this.#preview !== null;
  }
  get canUndo(): boolean {
    return this.#history.past.length > 0;
  }
  get canRedo(): boolean {
    return this.#history.future.length > 0;
  }

  change(drawing: Drawing, kind = ""): void {
    this.#preview = null;
    this.problem = null;
    this.#history = record(this.#history, drawing, kind, performance.now());
  }
  undo(): void {
    this.#preview = null;
    this.#history = undo(this.#history);
  }
  redo(): void {
    this.#preview = null;
    this.#history = redo(this.#history);
  }
  clear(): void {
    if (!isEmpty(this.settled) || this.settled.strokes.length > 0) this.change(EMPTY);
  }

  startStroke(point: Point): void {
    this.#points = [point];
    this.#showStroke();
  }
  extendStroke(points: readonly Point[]): void {
    if (this.#points.length === 0) return;
    for (const point of points) {
      const last = this.#points.at(-1);
      if (!last || last[0] !== point[0] || last[1] !== point[1]) this.#points.push(point);
    }
    this.#showStroke();
  }
  endStroke(): void {
    if (this.#points.length > 0 && this.#preview) this.change(this.#preview);
    this.#points = [];
  }
  get isDrawing(): boolean {
    return this.#points.length > 0;
  }

  /** Show a drawing without making it a step of the history: a gesture under way. */
  preview(drawing: Drawing): void {
    this.#preview = drawing;
  }
  keepPreview(): void {
    if (this.#preview) this.change(this.#preview);
  }

  nudge(dx: number, dy: number): void {
    this.change(move(this.settled, dx, dy), "nudge");
  }
  turn(direction: 1 | -1): void {
    this.change(turn(this.settled, direction * TURN_DEGREES), "turn");
  }
  grow(direction: 1 | -1): void {
    this.change(scale(this.settled, GROWTH ** direction), "scale");
  }
  thicken(direction: 1 | -1): void {
    this.change(thicken(this.settled, direction * THICKNESS_PX), "thicken");
  }

  /** Lay the next test image of a class on the pad. */
  async loadExample(dataset: string, label: number): Promise<void> {
    const example = await getExample(dataset, label, this.#exampleIndex);
    this.#exampleIndex = example.index;
    this.layImage(example);
  }
  /** Lay an image file on the pad, read as `inkproof predict` reads files. */
  async loadImage(file: Blob, run: string): Promise<void> {
    this.layImage(await readImage(file, run));
  }
  layImage(picture: Pick<Picture, "height" | "width" | "channels" | "pixels">): void {
    this.change({ ...EMPTY, image: layOnPad(picture, PAD_SIZE) });
  }

  #showStroke(): void {
    const erase = this.tool === "eraser";
    const width = erase ? this.penWidth * ERASER_FACTOR : this.penWidth;
    this.#preview = addStroke(this.settled, { width, erase, points: [...this.#points] });
  }
}

export const pad = new Pad();
