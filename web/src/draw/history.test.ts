import { expect, test } from "vitest";
import { begin, record, redo, undo } from "./history";

test("undo goes back and redo forward", () => {
  const history = record(record(begin("a"), "b", "", 0), "c", "", 0);
  const back = undo(undo(history));
  expect(back.present).toBe("a");
  expect(redo(redo(back)).present).toBe("c");
});

test("nudges in quick succession are one step back, slow ones are two", () => {
  const quick = record(record(begin("a"), "b", "nudge", 1000), "c", "nudge", 1300);
  const slow = record(record(begin("a"), "b", "nudge", 1000), "c", "nudge", 9000);
  expect(undo(quick).present).toBe("a");
  expect(undo(slow).present).toBe("b");
});

test("a new value forgets what was undone", () => {
  const history = record(undo(record(begin("a"), "b", "", 0)), "c", "", 0);
  expect(redo(history).present).toBe("c");
});

test("undo and redo at the ends change nothing", () => {
  const history = begin("a");
  expect(undo(history)).toBe(history);
  expect(redo(history)).toBe(history);
});

test("the same value is no step", () => {
  const history = begin("a");
  expect(record(history, "a", "", 0)).toBe(history);
});
