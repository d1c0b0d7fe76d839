/** What the address holds of the view that compares: the runs, and the two networks set against each other. Pure. */

export interface CompareAddress {
  /** Names of runs, those of the baseline first; null: the page chooses. */
  runs: string[] | null;
  /** null: the first run of each of the first two groups. */
  pair: [first: string, second: string] | null;
}

export const CHOSEN_FOR_YOU: CompareAddress = { runs: null, pair: null };

export function writeCompare(fields: URLSearchParams, { runs, pair }: CompareAddress): void {
  if (runs !== null) fields.set("compare", runs.join(","));
  if (pair !== null) fields.set("pair", pair.join(","));
}

export function readCompare(fields: URLSearchParams): CompareAddress {
  const [runs, pair] = [fields.get("compare"), (fields.get("pair") ?? "").split(",")];
  return {
    runs: runs === null ? null : [...new Set(runs.split(",").filter((name) => name !== ""))],
    pair: pair.length === 2 && pair[0] && pair[1] ? [pair[0], pair[1]] : null,
  };
}
