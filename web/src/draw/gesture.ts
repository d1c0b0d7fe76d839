/** Moving, turning and resizing a drawing by dragging it or the handles around it. Pure. */
import { centreOf, type Box, type Drawing } from "./strokes";
import { drawingBox, move, scale, turn } from "./transform";

export type GestureKind = "move" | "turn" | "scale";

export interface Gesture {
  kind: GestureKind;
  start: Drawing;
  from: readonly [x: number, y: number];
}

export interface Handles {
  box: Box;
  turn: [x: number, y: number];
  corners: [x: number, y: number][];
}

const MARGIN_PX = 6;
const TURN_ARM_PX = 18;
const REACH_PX = 14;
const MIN_FACTOR = 0.1;
const MAX_FACTOR = 10;

/** Where the handles are; null when there is no ink. They stay on the pad even when the ink does not. */
export function placeHandles(drawing: Drawing): Handles | null {
  const ink = drawingBox(drawing);
  if (ink === null) return null;
  const hold = (value: number) => Math.min(drawing.size - 4, Math.max(4, value));
  const box: Box = {
    left: hold(ink.left - MARGIN_PX),
    top: hold(ink.top - MARGIN_PX),
    right: hold(ink.right + MARGIN_PX),
    bottom: hold(ink.bottom + MARGIN_PX),
  };
  const middle = (box.left + box.right) / 2;
  const above = box.top - TURN_ARM_PX >= 4 ? box.top - TURN_ARM_PX : hold(box.bottom + TURN_ARM_PX);
  return {
    box,
    turn: [middle, above],
    corners: [
      [box.left, box.top],
      [box.right, box.top],
      [box.left, box.bottom],
      [box.right, box.bottom],
    ],
  };
}

export function startGesture(drawing: Drawing, x: number, y: number): Gesture | null {
  const handles = placeHandles(drawing);
  if (handles === null) return null;
  const isNear = ([px, py]: readonly [number, number]) => Math.hypot(px - x, py - y) <= REACH_PX;
  const kind = isNear(handles.turn) ? "turn" : handles.corners.some(isNear) ? "scale" : "move";
  return { kind, start: drawing, from: [x, y] };
}

export function continueGesture({ kind, start, from }: Gesture, x: number, y: number): Drawing {
  if (kind === "move") return move(start, x - from[0], y - from[1]);
  const box = drawingBox(start);
  if (box === null) return start;
  const [cx, cy] = centreOf(box);
  if (kind === "turn") {
    const angle = Math.atan2(y - cy, x - cx) - Math.atan2(from[1] - cy, from[0] - cx);
    return turn(start, (angle * 180) / Math.PI);
  }
  const factor = Math.hypot(x - cx, y - cy) / Math.max(1, Math.hypot(from[0] - cx, from[1] - cy));
  return scale(start, Math.min(MAX_FACTOR, Math.max(MIN_FACTOR, factor)));
}
