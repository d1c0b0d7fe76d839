import { expect, test } from "vitest";
import type { ComparedGroup, RunGroup } from "../api";
import {
  chooseGroups,
  choosePair,
  findGroups,
  formatValue,
  MAX_COMPARED,
  nameGroup,
  putFirst,
  readBeginning,
  toggleNames,
} from "./groups";

function make(recipe: string, runs: string[], changes: RunGroup["changes"] = {}, n = 10_000): RunGroup {
  const judged_on = { dataset: "mnist", sha256: "1", set: "test" as const, num_images: n };
  return { recipe, changes, judged_on, runs, seeds: runs.map((_, index) => index) };
}
const groups = [
  make("softmax", ["s-1", "s-0"], { learning_rate: 0.05 }),
  make("softmax", ["held"], { hold_out: 5000 }, 5000),
  make("tutorial", ["t-0"]),
  make("deep", ["d-0"]),
];

const nameFork = (step: string) => `forked at step ${step}`;

test("a fork is called by where it left its run, not by all that held before", () => {
  const fork = make("tutorial", ["f"], {
    learning_rate: 0.01,
    "beginnings.0.last_step": 100,
    "beginnings.0.learning_rate": 0.001,
    "beginnings.1.last_step": 500,
  });
  expect(nameGroup(fork, nameFork)).toBe("tutorial · learning_rate 0.01 · forked at step 100, 500");
  expect(findGroups([fork], "forked", nameFork)).toEqual([fork]);
  expect(readBeginning("beginnings.1.last_step")).toEqual({ number: 2, setting: "last_step" });
  expect(readBeginning("learning_rate")).toBeNull();
});

test("a group is called by its recipe and what was changed", () => {
  expect(groups.map((group) => nameGroup(group, nameFork))).toEqual([
    "softmax · learning_rate 0.05",
    "softmax · hold_out 5000",
    "tutorial",
    "deep",
  ]);
  expect([null, true, 0.1 + 0.2, [1, 2]].map(formatValue)).toEqual(["–", "true", "0.3", "1, 2"]);
});

test("the newest is compared with the newest other one that was judged alike", () => {
  expect(chooseGroups(groups)).toEqual(["t-0", "s-1", "s-0"]);
  expect(chooseGroups(groups.slice(1))).toEqual(["d-0", "t-0"]);
  expect(chooseGroups(groups.slice(0, 2))).toEqual(["s-1", "s-0"]);
  expect(chooseGroups([])).toEqual([]);
});

test("groups are found by recipe, setting, value and run", () => {
  const found = (query: string) => findGroups(groups, query, nameFork).map(({ runs }) => runs[0]);
  expect(found("softmax 0.05")).toEqual(["s-1"]);
  expect(found("HELD")).toEqual(["held"]);
  expect(found("")).toHaveLength(4);
  expect(found("nothing")).toEqual([]);
});

test("groups are put in and taken out, and none is in twice", () => {
  expect(toggleNames(["a", "b"], ["b", "c"], true)).toEqual(["a", "b", "c"]);
  expect(toggleNames(["a", "b"], ["b"], false)).toEqual(["a"]);
  const many = Array.from({ length: 300 }, (_, index) => String(index));
  expect(toggleNames([], many, true)).toHaveLength(MAX_COMPARED);
});

test("a baseline goes to the front with what is chosen of it", () => {
  expect(putFirst(["a", "b", "c", "d"], ["c", "d", "e"])).toEqual(["c", "d", "a", "b"]);
});

test("two networks of two groups are set against each other, or two seeds of one", () => {
  const compared = (...names: string[]) => ({ runs: names.map((name) => ({ name })) }) as ComparedGroup;
  expect(choosePair([compared("a", "b"), compared("c")])).toEqual(["a", "c"]);
  expect(choosePair([compared("a", "b")])).toEqual(["a", "b"]);
  expect(choosePair([compared("a")])).toBeNull();
  expect(choosePair([])).toBeNull();
});
