/**
 * Moving, turning, scaling and thickening a drawing. Pure: each function gives a new drawing.
 * Strokes change by their points, the picture by its matrix, so nothing blurs however often it moves.
 */
import { decodeBase64 } from "./base64";
import {
  centreOf,
  inkBox,
  joinBoxes,
  makePoint,
  type Box,
  type Drawing,
  type Matrix,
  type Picture,
  type Point,
} from "./strokes";

const MIN_WIDTH = 2;
const MAX_WIDTH = 64;
const MAX_THICKNESS = 32;

export function multiply(outer: Matrix, inner: Matrix): Matrix {
  const [a, b, c, d, e, f] = outer;
  const [p, q, r, s, t, u] = inner;
  return [a * p + c * q, b * p + d * q, a * r + c * s, b * r + d * s, a * t + c * u + e, b * t + d * u + f];
}

export function apply(matrix: Matrix, x: number, y: number): [number, number] {
  const [a, b, c, d, e, f] = matrix;
  return [a * x + c * y + e, b * x + d * y + f];
}

export function transform(drawing: Drawing, matrix: Matrix): Drawing {
  const movePoint = ([x, y, pressure, time]: Point): Point =>
    makePoint(...apply(matrix, x, y), pressure, time);
  return {
    ...drawing,
    strokes: drawing.strokes.map((stroke) => ({ ...stroke, points: stroke.points.map(movePoint) })),
    image: drawing.image && { ...drawing.image, transform: multiply(matrix, drawing.image.transform) },
  };
}

export function move(drawing: Drawing, dx: number, dy: number): Drawing {
  return transform(drawing, [1, 0, 0, 1, dx, dy]);
}

/** Turn clockwise around the middle of the ink. */
export function turn(drawing: Drawing, degrees: number): Drawing {
  const radians = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)];
  return aroundMiddle(drawing, [cos, sin, -sin, cos, 0, 0]);
}

/** Grow (factor over 1) or shrink around the middle of the ink; the pen keeps its width. */
export function scale(drawing: Drawing, factor: number): Drawing {
  return aroundMiddle(drawing, [factor, 0, 0, factor, 0, 0]);
}

/** Make every line wider by `px` (narrower when negative). */
export function thicken(drawing: Drawing, px: number): Drawing {
  const image = drawing.image;
  return {
    ...drawing,
    strokes: drawing.strokes.map((stroke) => ({
      ...stroke,
      width: Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, stroke.width + px)),
    })),
    image: image && {
      ...image,
      thickness: Math.min(MAX_THICKNESS, Math.max(-MAX_THICKNESS, image.thickness + px)),
    },
  };
}

function aroundMiddle(drawing: Drawing, matrix: Matrix): Drawing {
  const box = drawingBox(drawing);
  if (box === null) return drawing;
  const [x, y] = centreOf(box);
  return transform(drawing, multiply([1, 0, 0, 1, x, y], multiply(matrix, [1, 0, 0, 1, -x, -y])));
}

/** The box around all ink, that of the picture included. */
export function drawingBox(drawing: Drawing): Box | null {
  return inkBox(drawing, drawing.image && pictureBox(drawing.image));
}

/** The box around a picture's ink on the pad (its blank margin does not count); null if it is blank. */
export function pictureBox(picture: Picture): Box | null {
  const ink = inkRectangle(picture);
  if (ink === null) return null;
  const { left, top, right, bottom } = ink;
  const corners = [
    [left, top],
    [right, top],
    [left, bottom],
    [right, bottom],
  ] as const;
  let box: Box | null = null;
  for (const [x, y] of corners) {
    const [px, py] = apply(picture.transform, x, y);
    box = joinBoxes(box, { left: px, top: py, right: px, bottom: py });
  }
  return box;
}

const rectangles = new Map<string, Box | null>();

/** Where a picture holds ink, in its own pixels. Remembered: the pixels never change, only their place. */
function inkRectangle(picture: Picture): Box | null {
  const known = rectangles.get(picture.pixels);
  if (known !== undefined) return known;
  let box: Box | null = null;
  decodeBase64(picture.pixels).forEach((value, index) => {
    if (value < 32) return; // the grey fringe of a scan is not ink
    const pixel = Math.floor(index / picture.channels);
    const [x, y] = [pixel % picture.width, Math.floor(pixel / picture.width)];
    box = joinBoxes(box, { left: x, top: y, right: x + 1, bottom: y + 1 });
  });
  if (rectangles.size > 16) rectangles.clear();
  rectangles.set(picture.pixels, box);
  return box;
}

/** Lay a picture on the pad so that it fills it, its shape kept, in the middle. */
export function layOnPad(
  picture: Pick<Picture, "height" | "width" | "channels" | "pixels">,
  size: number,
): Picture {
  const factor = size / Math.max(picture.height, picture.width);
  const matrix: Matrix = [
    factor,
    0,
    0,
    factor,
    (size - picture.width * factor) / 2,
    (size - picture.height * factor) / 2,
  ];
  const { height, width, channels, pixels } = picture;
  return { height, width, channels, pixels, transform: matrix, thickness: 0 };
}
