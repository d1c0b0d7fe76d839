import { expect, test } from "vitest";
import type { Run } from "../api";
import { arrangeFamilies, findParent, forkSteps } from "./family";

const at = (second: number) => `2026-01-01T00:00:0${second}Z`;
const run = (name: string, second: number, parent: [name: string, second: number] | null = null) =>
  ({
    name,
    started_at: at(second),
    parent: parent && { name: parent[0], step: 50, started_at: at(parent[1]) },
  }) as Run;
const tell = (runs: Run[]) => arrangeFamilies(runs).map(({ run, generation }) => `${generation} ${run.name}`);

test("forks stand behind their parents, everything else in its order", () => {
  const runs = [
    run("c", 4, ["b", 2]),
    run("x", 3),
    run("b", 2, ["a", 1]),
    run("a", 1),
    run("d", 5, ["a", 1]),
  ];
  expect(tell(runs)).toEqual(["0 x", "0 a", "1 b", "2 c", "1 d"]);
});

test("a parent is found under another name, and of copies the one with the name is", () => {
  expect(tell([run("fork", 2, ["old", 1]), run("new", 1)])).toEqual(["0 new", "1 fork"]);
  const copies = [run("copy", 1), run("a", 1), run("fork", 2, ["a", 1])];
  expect(findParent(copies[2]!, copies)?.name).toBe("a");
});

test("a fork whose parent is gone stands by itself, and one that names itself too", () => {
  expect(tell([run("fork", 2, ["gone", 1])])).toEqual(["0 fork"]);
  expect(tell([run("odd", 2, ["odd", 2])])).toEqual(["0 odd"]);
});

test.each([
  [[0, 10, 20, 50], 20, [10, 20]],
  [[0], 0, []],
  [[0, 10], null, []],
])("of %j a run at step %j can be forked at %j", (timeline, step, steps) => {
  expect(forkSteps({ timeline, step })).toEqual(steps);
});
