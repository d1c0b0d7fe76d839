import { expect, test } from "vitest";
import { arrowOf, BINDINGS, findCommand, walkTable } from "./keys";

const press = (key: string, more = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...more,
});

test.each([
  [press("z", { ctrlKey: true }), "undo"],
  [press("z", { metaKey: true }), "undo"],
  [press("Z", { ctrlKey: true, shiftKey: true }), "redo"],
  [press("y", { ctrlKey: true }), "redo"],
  [press("e"), "eraser"],
  [press("Delete"), "clear"],
  [press("q"), null],
  [press("p", { ctrlKey: true }), null],
  [press("p", { altKey: true }), null],
])("%j is %s", (event, command) => {
  expect(findCommand(event)).toBe(command);
});

test("no key does two things", () => {
  const keys = BINDINGS.flatMap((binding) => binding.keys);
  expect(new Set(keys).size).toBe(keys.length);
});

test("arrows point where they point", () => {
  expect(arrowOf("ArrowUp")).toEqual([0, -1]);
  expect(arrowOf("a")).toBeNull();
});

test.each([
  ["ArrowRight", { row: 1, column: 2 }],
  ["ArrowDown", { row: 2, column: 1 }],
  ["Home", { row: 1, column: 0 }],
  ["End", { row: 1, column: 3 }],
  ["a", null],
])("%s leads from the middle of a table to %j", (key, place) => {
  expect(walkTable(key, { row: 1, column: 1 }, 3, 4)).toEqual(place);
});

test.each([
  ["ArrowUp", { row: 0, column: 0 }],
  ["ArrowLeft", { row: 0, column: 0 }],
  ["ArrowDown", { row: 2, column: 3 }],
  ["ArrowRight", { row: 2, column: 3 }],
])("%s stays within the table", (key, edge) => {
  expect(walkTable(key, edge, 3, 4)).toEqual(edge);
});
