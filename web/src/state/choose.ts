/** Which networks are shown, at which step, and what follows from that. Pure. */
import type { Answer, FailedAnswer, NetworkChoice, Run } from "../api";
import { isTrial } from "./trials";

export const MAX_NETWORKS = 8;
const FAVOURITES = ["tutorial", "softmax", "robust"];
const DEFAULT_COUNT = 2;

/** Runs that a person began; those of sweeps, which are many, only where there are no others. */
function withoutTrials(runs: readonly Run[]): readonly Run[] {
  const own = runs.filter((run) => !isTrial(run));
  return own.length > 0 ? own : runs;
}

/** Choose for a newcomer: the newest run of each recipe of the demo, else the newest runs. */
export function chooseRuns(runs: readonly Run[]): string[] {
  const usable = withoutTrials(runs).filter(
    (run) => run.status !== "broken" && (run.can_answer || run.status === "running"),
  );
  const favourites = FAVOURITES.map((recipe) => usable.find((run) => run.recipe === recipe)).filter(
    (run) => run !== undefined,
  );
  const rest = usable.filter((run) => !favourites.includes(run));
  const count = Math.max(favourites.length, DEFAULT_COUNT);
  return [...favourites, ...rest].slice(0, count).map((run) => run.name);
}

export const MAX_CURVES = 50;
const DEFAULT_CURVES = 4;

/** Runs whose curves are drawn while nobody has chosen: those that learn or wait, and the newest others. */
export function chooseCurves(runs: readonly Run[]): string[] {
  const isActive = ({ status }: Run) => status === "running" || status === "queued";
  const usable = withoutTrials(runs).filter((run) => run.status !== "broken");
  const rest = usable.filter((run) => !isActive(run)).slice(0, DEFAULT_CURVES);
  return [...usable.filter(isActive), ...rest].slice(0, MAX_CURVES).map(({ name }) => name);
}

/** The step to ask a run at: the last one kept at or before `step`; null means its newest. */
export function stepOfRun(run: Run, step: number | null): number | null {
  if (step === null || run.timeline.length === 0) return null;
  return run.timeline.findLast((kept) => kept <= step) ?? run.timeline[0] ?? null;
}

/** All steps kept of any of the runs, ascending. */
export function joinTimelines(runs: readonly Run[]): number[] {
  return [...new Set(runs.flatMap((run) => run.timeline))].sort((one, other) => one - other);
}

export function toChoices(runs: readonly Run[], step: number | null): NetworkChoice[] {
  return runs.filter((run) => run.can_answer).map((run) => ({ run: run.name, step: stepOfRun(run, step) }));
}

export function isAnswer(answer: Answer | FailedAnswer): answer is Answer {
  return "probabilities" in answer;
}

/** The class names that the answers give, each once, in their order. */
export function distinctNames(answers: readonly Answer[], runs: readonly Run[]): string[] {
  return [...new Set(answers.map((answer) => nameOf(runs, answer.run, answer.best)))];
}

export function nameOf(runs: readonly Run[], run: string, index: number): string {
  return runs.find(({ name }) => name === run)?.classes[index] ?? String(index);
}
