import { expect, test } from "vitest";
import { PLAIN, readTrain, writeTrain, type TrainAddress } from "./train-address";

function write(address: TrainAddress): URLSearchParams {
  const fields = new URLSearchParams();
  writeTrain(fields, address);
  return fields;
}

test.each<TrainAddress>([
  PLAIN,
  { ...PLAIN, curves: ["tutorial", "a & b"], x: "images", isLogX: true, isLogY: true, smoothing: 0.9 },
  { ...PLAIN, curves: [], x: "seconds", isLogY: true },
  { ...PLAIN, joinsSeeds: false },
  { ...PLAIN, sweep: "" },
  { ...PLAIN, sweep: "tutorial-sweep" },
])("%j comes back as it was", (address) => {
  expect(readTrain(write(address))).toEqual(address);
});

test("an address says only what differs", () => {
  expect(write(PLAIN).toString()).toBe("");
});

test("nonsense in an address is ignored", () => {
  expect(readTrain(new URLSearchParams("x=weeks&log=z&smooth=much"))).toEqual(PLAIN);
  expect(readTrain(new URLSearchParams("smooth=-1"))).toEqual(PLAIN);
  expect(readTrain(new URLSearchParams("smooth=7")).smoothing).toBe(0.99);
});
