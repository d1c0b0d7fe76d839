import { expect, test } from "vitest";
import type { Run, RunGroup } from "../api";
import { bundleTrials, sortOutTrials } from "./trials";

const run = (name: string, sweep?: string, more: Partial<Run> = {}, role: "search" | "best" = "search") =>
  ({
    name,
    status: "finished",
    accuracy: null,
    trial: sweep ? { sweep, role, number: Number(name.slice(-1)), is_stopped_early: false } : null,
    ...more,
  }) as Run;
const scored = (value: number) => ({ accuracy: { value } as Run["accuracy"] });
const group = (...runs: string[]) => ({ runs }) as RunGroup;

test("a sweep is one line, where the first of its runs stands", () => {
  const runs = [run("b"), run("s-1", "s", { status: "running" }), run("a"), run("s-0", "s"), run("t-0", "t")];

  const lines = bundleTrials(runs).map((line) =>
    line.kind === "run" ? line.run.name : [line.bundle.sweep, ...line.bundle.runs.map(({ name }) => name)],
  );

  expect(lines).toEqual(["b", ["s", "s-1", "s-0"], "a", ["t", "t-0"]]);
});

test("a line tells how many settings were tried, how many learn, and the best of those that ended", () => {
  const runs = [
    run("s-1", "s", { status: "running", ...scored(0.99) }),
    run("s-0", "s", scored(0.9)),
    run("s-seed-0", "s", scored(0.8)),
    run("s-best-0", "s", scored(0.98), "best"),
  ];

  const [line] = bundleTrials(runs);

  expect(line).toMatchObject({ bundle: { numTrials: 2, numRunning: 1, best: 0.9 } });
});

test("without trials nothing changes", () => {
  expect(bundleTrials([])).toEqual([]);
  expect(bundleTrials([run("a")])).toEqual([{ kind: "run", run: run("a") }]);
});

test("trials come apart from the groups that are compared, but not what proves the best", () => {
  const runs = [run("a"), run("s-0", "s"), run("s-1", "s"), run("s-best-0", "s", {}, "best")];
  const groups = [group("s-1"), group("a"), group("s-best-0"), group("s-0"), group("gone")];

  expect(sortOutTrials(groups, runs)).toEqual({
    groups: [group("a"), group("s-best-0"), group("gone")],
    trials: [{ sweep: "s", groups: [group("s-1"), group("s-0")] }],
  });
});
