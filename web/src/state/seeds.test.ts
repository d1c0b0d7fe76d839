import { describe, expect, it } from "vitest";
import type { Run } from "../api";
import { makeCurve } from "../chart/curve";
import { toColumns, type Columns } from "./columns";
import { alignSteps, groupSeeds, joinCurves, mayShareSettings, type Settings } from "./seeds";

const run = (name: string, facts: Partial<Run> = {}) =>
  ({ name, status: "finished", model: "softmax", steps: 200, dataset: "mnist", ...facts }) as Run;
const settings = (seed: number, learning_rate = 0.5) => ({ recipe: "softmax", learning_rate, seed });

describe("runs that differ by nothing but their seed", () => {
  it("are a group, by seed, whatever recipe they are called by and however they were run", () => {
    const known = new Map<string, Settings>([
      ["b", settings(2)],
      [
        "a",
        { ...settings(1), recipe: "mine", tensorboard: false, checkpoint_steps: 7, checkpoint_seconds: 1 },
      ],
      ["fast", settings(1, 5)],
    ]);
    expect(groupSeeds([run("b"), run("a"), run("fast")], known)).toEqual([["a", "b"]]);
  });
  it("are none while one learns, with the same seed, or before their settings are known", () => {
    const known = new Map([1, 2, 1].map((seed, index) => [`${index}`, settings(seed)]));
    expect(groupSeeds([run("0"), run("1", { status: "running" })], known)).toEqual([]);
    expect(groupSeeds([run("0"), run("2")], known)).toEqual([]);
    expect(groupSeeds([run("0"), run("unknown")], known)).toEqual([]);
    expect(groupSeeds([run("0"), run("1"), run("2")], known)).toEqual([["0", "1"]]);
  });
  it("are asked for their settings only where there is another that may have the same", () => {
    expect(
      mayShareSettings([run("a"), run("b", { steps: 100 }), run("c"), run("d", { status: "queued" })]),
    ).toEqual([run("a"), run("c")]);
  });
});

describe("alignSteps", () => {
  const columns = (step: number[], loss: number[]): Columns => {
    const nothing = step.map(() => null);
    return toColumns({
      step,
      seconds: step,
      loss,
      batch_accuracy: nothing,
      test_accuracy: nothing,
      validation_accuracy: nothing,
      learning_rate: nothing,
    });
  };
  it("gives columns themselves back where all measured at the same steps", () => {
    const [one, other] = [columns([0, 5], [2, 1]), columns([0, 5], [3, 2])];
    expect(alignSteps([one, other])).toEqual([one, other]);
    expect(alignSteps([one, other])[0]).toBe(one);
  });
  it("keeps the steps of all, and the later of two rows of one step", () => {
    const [one, other] = alignSteps([columns([0, 5, 5, 10], [4, 3, 2, 1]), columns([0, 5, 15], [8, 7, 6])]);
    expect([...one!.step]).toEqual([0, 5]);
    expect([...one!.loss]).toEqual([4, 2]);
    expect([...other!.loss]).toEqual([8, 7]);
  });
});

describe("joinCurves", () => {
  const curve = (id: string, xs: number[], ys: number[]) =>
    makeCurve(id, id, 0, Float64Array.from(xs), Float64Array.from(ys));
  it("is the mean and reaches from the lowest to the highest", () => {
    const joined = joinCurves([curve("a", [0, 1], [3, 1]), curve("b", [0, 3], [1, 2])], "both", 4)!;
    expect(joined).toMatchObject({ id: "a", label: "both", look: 4, raw: null, isBand: true });
    expect([...joined.xs]).toEqual([0, 2]);
    expect([...joined.ys]).toEqual([2, 1.5]);
    expect([...joined.low!]).toEqual([1, 1]);
    expect([...joined.high!]).toEqual([3, 2]);
  });
  it("has a gap where one has one", () => {
    const joined = joinCurves([curve("a", [0, 1], [3, NaN]), curve("b", [0, 1], [1, 2])], "both", 0)!;
    expect([...joined.ys]).toEqual([2, NaN]);
    expect([...joined.low!]).toEqual([1, NaN]);
  });
  it("is none of curves that measured otherwise, and of none", () => {
    expect(joinCurves([curve("a", [0, 1], [3, 1]), curve("b", [0], [1])], "both", 0)).toBeNull();
    expect(joinCurves([], "none", 0)).toBeNull();
  });
});
