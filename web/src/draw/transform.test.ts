import { expect, test } from "vitest";
import { encodeBase64 } from "./base64";
import { EMPTY, inkBox, isEmpty, makePoint, type Drawing } from "./strokes";
import { apply, drawingBox, layOnPad, move, multiply, pictureBox, scale, thicken, turn } from "./transform";

const line: Drawing = {
  ...EMPTY,
  strokes: [{ width: 16, erase: false, points: [makePoint(100, 50, 0.5, 0), makePoint(100, 150, 0.5, 90)] }],
};

test("moving keeps shape, pressure and time", () => {
  const moved = move(line, 8, -16);
  expect(moved.strokes[0]?.points).toEqual([makePoint(108, 34, 0.5, 0), makePoint(108, 134, 0.5, 90)]);
  expect(line.strokes[0]?.points[0]?.[0]).toBe(100);
});

test("a quarter turn lays an upright line down around its middle", () => {
  expect(inkBox(turn(line, 90))).toEqual({ left: 42, top: 92, right: 158, bottom: 108 });
});

test("growing keeps the middle and the pen's width", () => {
  const grown = scale(line, 2);
  expect(grown.strokes[0]?.width).toBe(16);
  expect(inkBox(grown)).toEqual({ left: 92, top: -8, right: 108, bottom: 208 });
});

test("thinning stops before the line is gone", () => {
  expect(thicken(line, -100).strokes[0]?.width).toBeGreaterThan(0);
});

test("a box has room for the pen and ignores erasers", () => {
  const erased: Drawing = {
    ...line,
    strokes: [...line.strokes, { width: 40, erase: true, points: [[0, 0, 0.5, 0]] }],
  };
  expect(drawingBox(erased)).toEqual({ left: 92, top: 42, right: 108, bottom: 158 });
  expect(drawingBox(EMPTY)).toBeNull();
});

test("only erasers on a pad are no ink", () => {
  expect(isEmpty({ ...EMPTY, strokes: [{ width: 16, erase: true, points: [[1, 1, 1, 0]] }] })).toBe(true);
  expect(isEmpty(line)).toBe(false);
});

test("a matrix times another does first the inner, then the outer", () => {
  const both = multiply([1, 0, 0, 1, 5, 0], [2, 0, 0, 2, 0, 0]);
  expect(apply(both, 3, 4)).toEqual([11, 8]);
});

test("a picture fills the pad, and its box is that of its ink", () => {
  const pixels = new Uint8Array(14 * 28);
  pixels[14 * 10 + 3] = 255;
  const laid = layOnPad({ height: 28, width: 14, channels: 1, pixels: encodeBase64(pixels) }, 224);
  expect(laid.transform).toEqual([8, 0, 0, 8, 56, 0]);
  expect(pictureBox(laid)).toEqual({ left: 80, top: 80, right: 88, bottom: 88 });
  expect(pictureBox({ ...laid, pixels: encodeBase64(new Uint8Array(14 * 28)) })).toBeNull();
});
