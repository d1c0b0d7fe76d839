import { expect, test } from "vitest";
import { CHOSEN_FOR_YOU, readCompare, writeCompare, type CompareAddress } from "./compare-address";

function throughAddress(address: CompareAddress): CompareAddress {
  const fields = new URLSearchParams();
  writeCompare(fields, address);
  return readCompare(new URLSearchParams(fields.toString()));
}

test("runs and pair survive the address", () => {
  const address: CompareAddress = { runs: ["slow", "训练-2"], pair: ["slow", "训练-2"] };
  expect(throughAddress(address)).toEqual(address);
  expect(throughAddress({ runs: [], pair: null })).toEqual({ runs: [], pair: null });
});

test("what the page chooses is not said", () => {
  const fields = new URLSearchParams();
  writeCompare(fields, CHOSEN_FOR_YOU);
  expect(fields.toString()).toBe("");
  expect(throughAddress(CHOSEN_FOR_YOU)).toEqual(CHOSEN_FOR_YOU);
});

test("what is wrong in an address is as if nothing was said", () => {
  expect(readCompare(new URLSearchParams("compare=a,,a&pair=a"))).toEqual({ runs: ["a"], pair: null });
});
