import { expect, test } from "vitest";
import { imagesSeen, readBatches } from "./batches";

test("batches of one size are counted by the step", () => {
  const batches = readBatches({ batch_size: 100, steps: 200 })!;
  expect([0, 5, 200].map((step) => imagesSeen(batches, step))).toEqual([0, 500, 20_000]);
});

test("a fork has seen what its beginnings saw, each with its own batches", () => {
  const batches = readBatches({
    batch_size: 1000,
    "beginnings.0.last_step": 50,
    "beginnings.0.batch_size": 100,
    "beginnings.1.last_step": 60,
    "beginnings.1.batch_size": 10,
  })!;
  expect([0, 20, 50, 60, 61, 200].map((step) => imagesSeen(batches, step))).toEqual([
    0, 2000, 5000, 5100, 6100, 145_100,
  ]);
});

test("settings that are not known tell nothing", () => {
  expect(readBatches(undefined)).toBeNull();
  expect(readBatches({})).toBeNull();
});
