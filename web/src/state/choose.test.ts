import { expect, test } from "vitest";
import type { Answer, Run } from "../api";
import { chooseCurves, chooseRuns, distinctNames, joinTimelines, stepOfRun, toChoices } from "./choose";

function makeRun(name: string, more: Partial<Run> = {}): Run {
  return {
    name,
    recipe: name,
    model: null,
    note: null,
    dataset: "mnist",
    parent: null,
    trial: null,
    status: "finished",
    is_stopping: false,
    step: 100,
    steps: 100,
    message: null,
    accuracy: null,
    num_parameters: null,
    training_seconds: null,
    images_per_second: null,
    seconds_left: null,
    classes: ["zero", "one"],
    image_shape: [28, 28, 1],
    can_answer: true,
    timeline: [0, 10, 100],
    newest_step: 100,
    started_at: null,
    ended_at: null,
    tensorboard_url: null,
    problem: null,
    ...more,
  };
}

test("the network that reads the edges comes third, after the tutorial's two", () => {
  const runs = [makeRun("new"), makeRun("robust"), makeRun("softmax"), makeRun("tutorial")];
  expect(chooseRuns(runs)).toEqual(["tutorial", "softmax", "robust"]);
  expect(chooseRuns(runs.slice(0, 2))).toEqual(["robust", "new"]);
});

test("the tutorial's two networks are chosen before newer ones", () => {
  const runs = [
    makeRun("new"),
    makeRun("softmax"),
    makeRun("tutorial-2", { recipe: "tutorial" }),
    makeRun("tutorial"),
  ];
  expect(chooseRuns(runs)).toEqual(["tutorial-2", "softmax"]);
});

test("without them the two newest are chosen, and none that is broken or cannot answer", () => {
  const runs = [
    makeRun("broken", { status: "broken" }),
    makeRun("failed", { status: "failed", can_answer: false }),
    makeRun("c", { status: "running", can_answer: false }),
    makeRun("b"),
    makeRun("a"),
  ];
  expect(chooseRuns(runs)).toEqual(["c", "b"]);
  expect(chooseRuns([])).toEqual([]);
});

test("runs of a sweep are chosen only where there are no others", () => {
  const trial = { sweep: "s", role: "search", number: 0, is_stopped_early: false } as const;
  const runs = [makeRun("s-0", { recipe: "tutorial", trial, status: "running" }), makeRun("b"), makeRun("a")];
  expect(chooseRuns(runs)).toEqual(["b", "a"]);
  expect(chooseCurves(runs)).toEqual(["b", "a"]);
  expect(chooseCurves(runs.slice(0, 1))).toEqual(["s-0"]);
});

test("a run is asked at the last step that it kept before the wanted one", () => {
  const run = makeRun("a");
  expect([null, 0, 9, 10, 5000].map((step) => stepOfRun(run, step))).toEqual([null, 0, 0, 10, 100]);
  expect(stepOfRun(makeRun("b", { timeline: [] }), 10)).toBeNull();
});

test("timelines join into one", () => {
  expect(joinTimelines([makeRun("a"), makeRun("b", { timeline: [10, 50] })])).toEqual([0, 10, 50, 100]);
});

test("runs that cannot answer yet are not asked", () => {
  const runs = [makeRun("a"), makeRun("b", { can_answer: false })];
  expect(toChoices(runs, 50)).toEqual([{ run: "a", step: 10 }]);
});

test("names of answers are those of each run's classes", () => {
  const answer = (run: string, best: number): Answer => ({
    run,
    step: 1,
    view: "drawn",
    probabilities: [],
    best,
  });
  const runs = [makeRun("a"), makeRun("b", { classes: ["one", "two"] })];
  expect(distinctNames([answer("a", 1), answer("b", 0)], runs)).toEqual(["one"]);
  expect(distinctNames([answer("a", 0), answer("b", 0)], runs)).toEqual(["zero", "one"]);
});

test("curves are drawn of what learns or waits, and of the newest others", () => {
  const runs = [
    makeRun("broken", { status: "broken" }),
    ...["f", "e", "d", "c", "b"].map((name) => makeRun(name)),
    makeRun("waiting", { status: "queued" }),
    makeRun("learning", { status: "running" }),
  ];
  expect(chooseCurves(runs)).toEqual(["waiting", "learning", "f", "e", "d", "c"]);
});
