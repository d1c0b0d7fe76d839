/** Which run was forked from which: forks stand below the run that they begin as. Pure. */
import type { Run } from "../api";

export interface Member {
  run: Run;
  /** 0 for a run that stands by itself or first; 1 for its forks, and so on. */
  generation: number;
}

/** The run that a fork begins as, also under another name; undefined where it is none or the parent is not there. */
export function findParent({ parent, started_at }: Run, all: readonly Run[]): Run | undefined {
  // A parent began before its fork, so nobody can be their own ancestor, whatever a file says.
  if (!parent || started_at === null || parent.started_at >= started_at) return undefined;
  const same = all.filter((run) => run.started_at === parent.started_at);
  return same.find(({ name }) => name === parent.name) ?? same[0];
}

/** Runs with each fork behind its parent, if that is among them; else in their order. */
export function arrangeFamilies(runs: readonly Run[]): Member[] {
  const children = new Map<Run | undefined, Run[]>();
  for (const run of runs) {
    const parent = findParent(run, runs);
    children.set(parent, [...(children.get(parent) ?? []), run]);
  }
  const arranged: Member[] = [];
  const add = (parent: Run | undefined, generation: number) => {
    for (const run of children.get(parent) ?? []) {
      arranged.push({ run, generation });
      add(run, generation + 1);
    }
  };
  add(undefined, 0);
  return arranged;
}

/** The steps at which a run can be forked by what it has kept: not before the first, which would be a new training. */
export function forkSteps({ timeline, step }: Pick<Run, "timeline" | "step">): number[] {
  return timeline.filter((kept) => kept > 0 && kept <= (step ?? 0));
}
