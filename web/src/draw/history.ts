/** Undo and redo over values that never change in place. Pure. */

export interface History<T> {
  past: readonly T[];
  present: T;
  future: readonly T[];
  /** What made the present, and when (ms): repeated nudges are one step back. */
  kind: string;
  at: number;
}

const MAX_STEPS = 200;
const SAME_GESTURE_MS = 700;

export function begin<T>(present: T): History<T> {
  return { past: [], present, future: [], kind: "", at: 0 };
}

/** Take a new value. Changes of the same `kind` in quick succession join into one step. */
export function record<T>(history: History<T>, value: T, kind: string, now: number): History<T> {
  if (value === history.present) return history;
  const joins = kind !== "" && kind === history.kind && now - history.at < SAME_GESTURE_MS;
  const past = joins ? history.past : [...history.past, history.present].slice(-MAX_STEPS);
  return { past, present: value, future: [], kind, at: now };
}

export function undo<T>(history: History<T>): History<T> {
  const present = history.past.at(-1);
  if (present === undefined) return history;
  return {
    past: history.past.slice(0, -1),
    present,
    future: [history.present, ...history.future],
    kind: "",
    at: 0,
  };
}

export function redo<T>(history: History<T>): History<T> {
  const [present, ...future] = history.future;
  if (present === undefined) return history;
  return { past: [...history.past, history.present], present, future, kind: "", at: 0 };
}
