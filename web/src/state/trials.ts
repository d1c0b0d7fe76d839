/** The runs of sweeps in lists of runs: one line for each sweep, so that they do not swamp the others. Pure. */
import type { Run, RunGroup } from "../api";

/** The runs of a sweep that a list holds. */
export interface Bundle {
  sweep: string;
  /** In the order of the list. */
  runs: Run[];
  /** How many settings they try. */
  numTrials: number;
  numRunning: number;
  /** The best accuracy of those that try settings; null before the first. */
  best: number | null;
}

export type Line = { kind: "run"; run: Run } | { kind: "sweep"; bundle: Bundle };

export const isTrial = ({ trial }: Pick<Run, "trial">): boolean => trial !== null;

/** Runs in their order, those of a sweep as one line where the first of them stands. */
export function bundleTrials(runs: readonly Run[]): Line[] {
  const lines: Line[] = [];
  const known = new Map<string, Run[]>();
  for (const run of runs) {
    if (!run.trial) {
      lines.push({ kind: "run", run });
      continue;
    }
    const mates = known.get(run.trial.sweep);
    if (mates) {
      mates.push(run);
      continue;
    }
    const first = [run];
    known.set(run.trial.sweep, first);
    lines.push({ kind: "sweep", bundle: { sweep: run.trial.sweep, runs: first, ...NONE } });
  }
  return lines.map((line) =>
    line.kind === "run" ? line : { kind: "sweep", bundle: { ...line.bundle, ...count(line.bundle.runs) } },
  );
}

const NONE = { numTrials: 0, numRunning: 0, best: null };

function count(runs: readonly Run[]): Omit<Bundle, "sweep" | "runs"> {
  const tried = runs.filter(({ trial }) => trial?.role === "search");
  const scores = tried
    .filter(({ status }) => status === "finished")
    .map(({ accuracy }) => accuracy?.value ?? 0);
  return {
    numTrials: new Set(tried.map(({ trial }) => trial?.number)).size,
    numRunning: runs.filter(({ status }) => status === "running").length,
    best: scores.length > 0 ? Math.max(...scores) : null,
  };
}

/** Groups to compare, without those of single trials; and these by their sweep. */
export interface SortedGroups {
  groups: RunGroup[];
  trials: { sweep: string; groups: RunGroup[] }[];
}

/** Groups that hold nothing but trials come apart; what a sweep proves its best with stays among the others. */
export function sortOutTrials(groups: readonly RunGroup[], runs: readonly Run[]): SortedGroups {
  const searched = new Map(
    runs.flatMap(({ name, trial }) => (trial?.role === "search" ? [[name, trial.sweep] as const] : [])),
  );
  const trials = new Map<string, RunGroup[]>();
  const others: RunGroup[] = [];
  for (const group of groups) {
    const sweep = group.runs.every((name) => searched.has(name)) ? searched.get(group.runs[0]!) : undefined;
    if (sweep === undefined) others.push(group);
    else trials.set(sweep, [...(trials.get(sweep) ?? []), group]);
  }
  return { groups: others, trials: [...trials].map(([sweep, found]) => ({ sweep, groups: found })) };
}
