import { expect, test } from "vitest";
import { inkOn, luminance, viridis } from "./viridis";

test("the scale begins in violet, ends in yellow, and grows lighter all the way", () => {
  const shares = Array.from({ length: 101 }, (_, index) => index / 100);
  const light = shares.map((share) => luminance(viridis(share)));
  expect([viridis(0), viridis(1), viridis(7)]).toEqual([
    [68, 1, 84],
    [253, 231, 37],
    [253, 231, 37],
  ]);
  for (let index = 1; index < light.length; index += 1)
    expect(light[index]).toBeGreaterThan(light[index - 1]!);
});

test("a figure stands out from every place of the scale", () => {
  for (let share = 0; share <= 1; share += 0.01) {
    const ground = luminance(viridis(share));
    const ink = inkOn(share) === "#fff" ? 1 : 0;
    const contrast = (Math.max(ground, ink) + 0.05) / (Math.min(ground, ink) + 0.05);
    expect(contrast, `at ${share}`).toBeGreaterThanOrEqual(4.5);
  }
});
