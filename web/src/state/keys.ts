/** The keys of the pad, and what each does: the pad acts by this table and the help shows it. Pure. */
import type { Cell } from "../draw/heat";
import type { Key } from "../i18n";

export type Command =
  | "undo"
  | "redo"
  | "clear"
  | "pen"
  | "eraser"
  | "move"
  | "turnLeft"
  | "turnRight"
  | "grow"
  | "shrink"
  | "thicken"
  | "thin";

interface Binding {
  keys: readonly string[];
  command: Command;
  text: Key;
}

export const BINDINGS: readonly Binding[] = [
  { keys: ["Ctrl+Z"], command: "undo", text: "tool.undo" },
  { keys: ["Ctrl+Shift+Z", "Ctrl+Y"], command: "redo", text: "tool.redo" },
  { keys: ["Delete", "Backspace"], command: "clear", text: "tool.clear" },
  { keys: ["P"], command: "pen", text: "tool.pen" },
  { keys: ["E"], command: "eraser", text: "tool.eraser" },
  { keys: ["M"], command: "move", text: "tool.move" },
  { keys: ["["], command: "turnLeft", text: "tool.turnLeft" },
  { keys: ["]"], command: "turnRight", text: "tool.turnRight" },
  { keys: ["+", "="], command: "grow", text: "tool.grow" },
  { keys: ["-"], command: "shrink", text: "tool.shrink" },
  { keys: [","], command: "thin", text: "tool.thin" },
  { keys: ["."], command: "thicken", text: "tool.thicken" },
];

/** The keys that the pad handles itself. */
export const OTHER_KEYS: readonly { keys: readonly string[]; text: Key }[] = [
  { keys: ["←", "↑", "→", "↓"], text: "key.nudge" },
  { keys: ["Shift + ←↑→↓"], text: "key.fine" },
  { keys: ["Enter"], text: "key.cursor" },
  { keys: ["Space"], text: "key.space" },
  { keys: ["Esc"], text: "key.escape" },
  { keys: ["0–9"], text: "key.digit" },
];

interface Pressed {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

export function findCommand(event: Pressed): Command | null {
  if (event.altKey) return null;
  const held = event.ctrlKey || event.metaKey ? `Ctrl+${event.shiftKey ? "Shift+" : ""}` : "";
  const name = held + (event.key.length === 1 ? event.key.toUpperCase() : event.key);
  return BINDINGS.find(({ keys }) => keys.includes(name))?.command ?? null;
}

/** The direction of an arrow key, or null. */
export function arrowOf(key: string): [dx: number, dy: number] | null {
  switch (key) {
    case "ArrowLeft":
      return [-1, 0];
    case "ArrowRight":
      return [1, 0];
    case "ArrowUp":
      return [0, -1];
    case "ArrowDown":
      return [0, 1];
    default:
      return null;
  }
}

/** Where a key leads in a table: arrows by one, Home and End along the row; null for any other key. */
export function walkTable(key: string, from: Cell, numRows: number, numColumns: number): Cell | null {
  const arrow = arrowOf(key);
  const hold = (value: number, count: number) => Math.min(count - 1, Math.max(0, value));
  if (arrow)
    return { row: hold(from.row + arrow[1], numRows), column: hold(from.column + arrow[0], numColumns) };
  if (key === "Home") return { ...from, column: 0 };
  if (key === "End") return { ...from, column: numColumns - 1 };
  return null;
}
