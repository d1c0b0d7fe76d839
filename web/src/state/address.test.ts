import { expect, test } from "vitest";
import { EMPTY, makePoint } from "../draw/strokes";
import { readAddress, writeAddress, type Address } from "./address";
import { CHOSEN_FOR_YOU } from "./compare-address";
import { PLAIN } from "./train-address";

const full: Address = {
  tab: "prove",
  drawing: { ...EMPTY, strokes: [{ width: 16, erase: false, points: [makePoint(10, 20, 0.5, 0)] }] },
  networks: ["tutorial", "a run & more"],
  views: "both",
  step: 200,
  language: "zh",
  train: {
    curves: ["tutorial"],
    x: "seconds",
    isLogX: true,
    isLogY: false,
    smoothing: 0.9,
    joinsSeeds: false,
    sweep: "s",
  },
  compare: { runs: ["tutorial", "softmax"], pair: ["softmax", "tutorial"] },
};

test("an address comes back as it was", () => {
  expect(readAddress(writeAddress(full))).toEqual(full);
});

test("an address says only what differs", () => {
  const plain: Address = {
    tab: "draw",
    drawing: EMPTY,
    networks: null,
    views: "drawn",
    step: null,
    language: null,
    train: PLAIN,
    compare: CHOSEN_FOR_YOU,
  };
  expect(writeAddress(plain)).toBe("#view=draw");
  expect(readAddress("")).toEqual(plain);
});

test("nonsense in an address is ignored", () => {
  const read = readAddress("#view=fly&drawing=%%%&step=-1&see=sideways&lang=xx");
  expect(read).toEqual(readAddress(""));
});
