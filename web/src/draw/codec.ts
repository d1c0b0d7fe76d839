/**
 * A drawing as short text for the address bar, and back without loss. Pure.
 *
 * Numbers are differences from the last, zigzag-coded as varints; runs of blank picture pixels are one
 * count. A drawn digit takes 300 to 900 characters. Bad text decodes to null, never to an error.
 */
import { decodeBase64, encodeBase64, encodeBase64Url } from "./base64";
import { PRESSURE_STEPS, type Drawing, type Matrix, type Picture, type Point, type Stroke } from "./strokes";

const VERSION = 1;
const COORDINATE_STEPS = 16;
const MATRIX_STEPS = 65536;
const MAX_PIXELS = 1 << 20;

export function encodeDrawing(drawing: Drawing): string {
  const out = new Writer();
  out.unsigned(VERSION);
  out.unsigned(drawing.size);
  out.unsigned(drawing.strokes.length);
  for (const stroke of drawing.strokes) writeStroke(out, stroke);
  out.unsigned(drawing.image ? 1 : 0);
  if (drawing.image) writePicture(out, drawing.image);
  return encodeBase64Url(out.bytes());
}

export function decodeDrawing(text: string): Drawing | null {
  try {
    const input = new Reader(decodeBase64(text));
    if (input.unsigned() !== VERSION) return null;
    const size = input.unsigned();
    if (size === 0) return null;
    const strokes = Array.from({ length: input.count() }, () => readStroke(input));
    const image = input.unsigned() === 1 ? readPicture(input) : null;
    return input.isDone() ? { size, strokes, image } : null;
  } catch {
    return null;
  }
}

function writeStroke(out: Writer, stroke: Stroke): void {
  out.unsigned(Math.round(stroke.width * COORDINATE_STEPS) * 2 + (stroke.erase ? 1 : 0));
  out.unsigned(stroke.points.length);
  let last = [0, 0, 0, 0];
  for (const [x, y, pressure, time] of stroke.points) {
    const now = [
      Math.round(x * COORDINATE_STEPS),
      Math.round(y * COORDINATE_STEPS),
      Math.round(pressure * PRESSURE_STEPS),
      Math.round(time),
    ];
    now.forEach((value, index) => out.signed(value - (last[index] ?? 0)));
    last = now;
  }
}

function readStroke(input: Reader): Stroke {
  const head = input.unsigned();
  const last: [number, number, number, number] = [0, 0, 0, 0];
  const points = Array.from({ length: input.count() }, (): Point => {
    for (const index of [0, 1, 2, 3] as const) last[index] += input.signed();
    const [x, y, pressure, time] = last;
    return [x / COORDINATE_STEPS, y / COORDINATE_STEPS, pressure / PRESSURE_STEPS, time];
  });
  return { width: Math.floor(head / 2) / COORDINATE_STEPS, erase: head % 2 === 1, points };
}

function writePicture(out: Writer, picture: Picture): void {
  for (const value of [picture.height, picture.width, picture.channels]) out.unsigned(value);
  for (const value of picture.transform) out.signed(Math.round(value * MATRIX_STEPS));
  out.signed(Math.round(picture.thickness * COORDINATE_STEPS));
  const pixels = decodeBase64(picture.pixels);
  for (let index = 0; index < pixels.length;) {
    const value = pixels[index] ?? 0;
    out.byte(value);
    index += 1;
    if (value !== 0) continue;
    let run = 0;
    while (index < pixels.length && pixels[index] === 0) {
      run += 1;
      index += 1;
    }
    out.unsigned(run);
  }
}

function readPicture(input: Reader): Picture {
  const [height, width, channels] = [input.unsigned(), input.unsigned(), input.unsigned()];
  const matrix = Array.from({ length: 6 }, () => input.signed() / MATRIX_STEPS) as Matrix;
  const thickness = input.signed() / COORDINATE_STEPS;
  const size = height * width * channels;
  if (size > MAX_PIXELS) throw new RangeError("picture too large");
  const pixels = new Uint8Array(size);
  for (let index = 0; index < size;) {
    const value = input.byte();
    pixels[index] = value;
    index += 1 + (value === 0 ? input.unsigned() : 0);
  }
  return { height, width, channels, pixels: encodeBase64(pixels), transform: matrix, thickness };
}

class Writer {
  readonly #bytes: number[] = [];

  byte(value: number): void {
    this.#bytes.push(value);
  }

  unsigned(value: number): void {
    // Not bit operations: matrix entries may pass 32 bits.
    while (value >= 128) {
      this.byte((value % 128) + 128);
      value = Math.floor(value / 128);
    }
    this.byte(value);
  }

  signed(value: number): void {
    this.unsigned(value < 0 ? -2 * value - 1 : 2 * value);
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) throw new RangeError("text ends early");
    this.#at += 1;
    return value;
  }

  unsigned(): number {
    let [value, unit] = [0, 1];
    for (;;) {
      const byte = this.byte();
      value += (byte % 128) * unit;
      if (byte < 128) return value;
      unit *= 128;
      if (unit > 2 ** 49) throw new RangeError("number too large");
    }
  }

  signed(): number {
    const value = this.unsigned();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  /** A count of things that each take at least a byte: a false one must not fill the memory. */
  count(): number {
    const value = this.unsigned();
    if (value > this.#bytes.length) throw new RangeError("count too large");
    return value;
  }

  isDone(): boolean {
    return this.#at === this.#bytes.length;
  }
}
