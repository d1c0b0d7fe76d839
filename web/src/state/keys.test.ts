import { expect, test } from "vitest";
import { arrowOf, BINDINGS, findCommand } from "./keys";

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
