import { expect, test } from "vitest";
import { Memo } from "./curve-cache";

test("a memo makes a value anew when an input is another object, and only then", () => {
  const memo = new Memo<number>();
  let count = 0;
  const get = (...inputs: object[]) => memo.get("a", inputs, () => (count += 1));
  const [one, other] = [{}, {}];
  expect([get(one), get(one), get(one, other), get(one, other), get(other, one), get(one)]).toEqual([
    1, 1, 2, 2, 3, 4,
  ]);
  expect(memo.get("b", [one], () => 9)).toBe(9);
});
