/** Which runs a list shows. Pure. */
import type { Run } from "../api";

/** Runs in which every word is found: in name, recipe, architecture, data set or note; in their order. */
export function findRuns(runs: readonly Run[], query: string): Run[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length === 0) return [...runs];
  return runs.filter(({ name, recipe, model, dataset, note }) => {
    const text = [name, recipe, model, dataset, note].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
