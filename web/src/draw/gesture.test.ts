import { expect, test } from "vitest";
import { continueGesture, placeHandles, startGesture } from "./gesture";
import { EMPTY, inkBox, makePoint, type Drawing } from "./strokes";

const line: Drawing = {
  ...EMPTY,
  strokes: [{ width: 16, erase: false, points: [makePoint(112, 62, 0.5, 0), makePoint(112, 162, 0.5, 90)] }],
};

test("an empty pad has no handles and no gesture", () => {
  expect(placeHandles(EMPTY)).toBeNull();
  expect(startGesture(EMPTY, 100, 100)).toBeNull();
});

test("dragging the middle moves", () => {
  const gesture = startGesture(line, 112, 112)!;
  expect(gesture.kind).toBe("move");
  expect(continueGesture(gesture, 122, 92).strokes[0]?.points[0]).toEqual(makePoint(122, 42, 0.5, 0));
});

test("dragging a corner outwards grows", () => {
  const [x, y] = placeHandles(line)!.corners[3]!;
  const gesture = startGesture(line, x, y)!;
  const grown = continueGesture(gesture, 112 + 2 * (x - 112), 112 + 2 * (y - 112));
  expect(gesture.kind).toBe("scale");
  expect(inkBox(grown)?.top).toBe(4);
});

test("dragging the round handle turns", () => {
  const [x, y] = placeHandles(line)!.turn;
  const gesture = startGesture(line, x, y)!;
  const turned = continueGesture(gesture, 112 + (112 - y), 112);
  expect(gesture.kind).toBe("turn");
  expect(turned.strokes[0]?.points[0]).toEqual(makePoint(162, 112, 0.5, 0));
});

test("handles stay on the pad when the ink leaves it", () => {
  const far: Drawing = {
    ...EMPTY,
    strokes: [{ width: 16, erase: false, points: [makePoint(-500, 900, 0.5, 0)] }],
  };
  const handles = placeHandles(far)!;
  for (const value of [...handles.turn, ...handles.corners.flat()]) {
    expect(value).toBeGreaterThanOrEqual(4);
    expect(value).toBeLessThanOrEqual(220);
  }
});
