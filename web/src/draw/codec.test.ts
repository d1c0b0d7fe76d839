import { expect, test } from "vitest";
import { encodeBase64 } from "./base64";
import { decodeDrawing, encodeDrawing } from "./codec";
import { EMPTY, makePoint, type Drawing } from "./strokes";
import { layOnPad, thicken, turn } from "./transform";

const wave: Drawing = {
  size: 224,
  strokes: [
    { width: 16, erase: false, points: [makePoint(-3.3, 10.7, 0.5, 0), makePoint(300.01, 11, 0.71, 17)] },
    { width: 24.5, erase: true, points: [makePoint(100, 100, 1, 900)] },
    { width: 16, erase: false, points: [] },
  ],
  image: null,
};

function picture(): Drawing {
  const pixels = new Uint8Array(28 * 28);
  pixels.set([1, 200, 255, 0, 3], 400);
  return {
    ...EMPTY,
    image: layOnPad({ height: 28, width: 28, channels: 1, pixels: encodeBase64(pixels) }, 224),
  };
}

test.each([
  ["strokes", wave],
  ["an empty pad", EMPTY],
  ["a picture", picture()],
])("%s comes back as it was", (_name, drawing) => {
  expect(decodeDrawing(encodeDrawing(drawing))).toEqual(drawing);
});

test("a turned picture comes back to within a thousandth of a pixel", () => {
  const turned = thicken(turn(picture(), 17), 4);
  const back = decodeDrawing(encodeDrawing(turned));
  turned.image?.transform.forEach((value, index) => {
    expect(back?.image?.transform[index]).toBeCloseTo(value, 3);
  });
  expect(back?.image?.thickness).toBe(4);
});

test("an ordinary digit fits into an address", () => {
  const points = Array.from({ length: 120 }, (_, index) =>
    makePoint(112 + 60 * Math.sin(index / 10), 30 + index * 1.4, 0.5, index * 8),
  );
  const text = encodeDrawing({ ...EMPTY, strokes: [{ width: 16, erase: false, points }] });
  expect(text.length).toBeLessThan(1000);
  expect(text).toMatch(/^[\w-]+$/);
});

test.each(["", "!!!", "AA", "AQ", "_____w", encodeDrawing(wave).slice(0, -3), `${encodeDrawing(wave)}AAAA`])(
  "text that is no drawing gives null: %s",
  (text) => {
    expect(decodeDrawing(text)).toBeNull();
  },
);
