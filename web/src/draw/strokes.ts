/**
 * A drawing as data: strokes with pressure and time, and perhaps a picture beneath them.
 * Pure: nothing here touches the page. Coordinates run from 0 to `size`, y downwards.
 */

/** x, y (pad px), pressure (0 to 1), time (ms since the stroke's drawing began). */
export type Point = [x: number, y: number, pressure: number, time: number];

export interface Stroke {
  width: number;
  erase: boolean;
  points: Point[];
}

/** `pixels` is base64 of uint8, 0 = paper, 255 = ink; `transform` takes picture px to pad px. */
export interface Picture {
  height: number;
  width: number;
  channels: number;
  pixels: string;
  transform: Matrix;
  thickness: number;
}

export interface Drawing {
  size: number;
  strokes: Stroke[];
  image: Picture | null;
}

/** [a, b, c, d, e, f] in canvas order: X = a x + c y + e, Y = b x + d y + f. */
export type Matrix = [number, number, number, number, number, number];

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export const PAD_SIZE = 224;
export const PEN_WIDTH = 16;

/** Finest pressure kept; even, so that a mouse's 0.5 is kept exactly. */
export const PRESSURE_STEPS = 254;

/** Coordinates are kept to a sixteenth of a pad pixel: what the address can hold, no more. */
const STEPS_PER_PIXEL = 16;

export const EMPTY: Drawing = { size: PAD_SIZE, strokes: [], image: null };

export function quantise(value: number): number {
  return Math.round(value * STEPS_PER_PIXEL) / STEPS_PER_PIXEL;
}

export function makePoint(x: number, y: number, pressure: number, time: number): Point {
  const held = Math.round(Math.min(1, Math.max(0, pressure)) * PRESSURE_STEPS) / PRESSURE_STEPS;
  return [quantise(x), quantise(y), held, Math.max(0, Math.round(time))];
}

/** The line's width at a point: a mouse presses by 0.5 and gets the pen's own width. */
export function widthAt(stroke: Stroke, point: Point): number {
  return stroke.width * (0.5 + point[2]);
}

/** Nothing that could leave ink: no picture and no stroke of the pen. */
export function isEmpty(drawing: Drawing): boolean {
  return (
    drawing.image === null && drawing.strokes.every((stroke) => stroke.erase || stroke.points.length === 0)
  );
}

export function addStroke(drawing: Drawing, stroke: Stroke): Drawing {
  return { ...drawing, strokes: [...drawing.strokes, stroke] };
}

/** The box around the ink, half the pen included; null for an empty drawing. Erasers do not count. */
export function inkBox(drawing: Drawing, pictureBox: Box | null = null): Box | null {
  let box = pictureBox;
  for (const stroke of drawing.strokes) {
    if (stroke.erase) continue;
    for (const point of stroke.points) {
      const [x, y] = point;
      const half = widthAt(stroke, point) / 2;
      box = joinBoxes(box, { left: x - half, top: y - half, right: x + half, bottom: y + half });
    }
  }
  return box;
}

export function joinBoxes(one: Box | null, other: Box): Box {
  if (one === null) return other;
  return {
    left: Math.min(one.left, other.left),
    top: Math.min(one.top, other.top),
    right: Math.max(one.right, other.right),
    bottom: Math.max(one.bottom, other.bottom),
  };
}

export function centreOf(box: Box): [x: number, y: number] {
  return [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
}
