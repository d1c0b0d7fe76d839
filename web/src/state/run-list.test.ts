import { expect, test } from "vitest";
import type { Run } from "../api";
import { findRuns } from "./run-list";

const run = (name: string, recipe: string, note: string | null = null) =>
  ({ name, recipe, note, model: recipe, dataset: "mnist" }) as Run;
const runs = [
  run("tutorial-2", "tutorial"),
  run("night", "deep", "Ten times the rate"),
  run("tutorial", "tutorial"),
];

test.each([
  ["", ["tutorial-2", "night", "tutorial"]],
  ["  ", ["tutorial-2", "night", "tutorial"]],
  ["TUTORIAL", ["tutorial-2", "tutorial"]],
  ["deep rate", ["night"]],
  ["mnist 2", ["tutorial-2"]],
  ["robust", []],
])("%j finds %j", (query, names) => {
  expect(findRuns(runs, query).map(({ name }) => name)).toEqual(names);
});
