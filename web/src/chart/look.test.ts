import { expect, test } from "vitest";
import { assignLooks, COLOURS, lookOf, NUM_LOOKS } from "./look";

type Rgb = [number, number, number];
const SURFACE = { light: "#ffffff", dark: "#1b1e24" }; // --surface of app.css

/** Red, green and blue as amounts of light (sRGB, IEC 61966-2-1). */
function toLinear(hex: string): Rgb {
  return [1, 3, 5].map((start) => {
    const share = Number.parseInt(hex.slice(start, start + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
}
const luminance = ([red, green, blue]: Rgb) => 0.2126 * red + 0.7152 * green + 0.0722 * blue;
function contrast(one: string, other: string): number {
  const [low, high] = [luminance(toLinear(one)), luminance(toLinear(other))].sort((a, b) => a - b) as [
    number,
    number,
  ];
  return (high + 0.05) / (low + 0.05);
}

// What people without the cones for red, green or blue see (Machado, Oliveira and Fernandes 2009, severity 1).
const SEEN = {
  all: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protan: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deutan: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritan: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
};

/** OKLab (Ottosson 2020), in which distances are as the eye feels them. */
function toLab([red, green, blue]: Rgb): Rgb {
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}
function see(hex: string, matrix: readonly number[]): Rgb {
  const light = toLinear(hex);
  const seen = [0, 3, 6].map((row) =>
    Math.min(
      1,
      Math.max(
        0,
        light.reduce((sum, value, column) => sum + matrix[row + column]! * value, 0),
      ),
    ),
  ) as Rgb;
  return toLab(seen);
}

for (const theme of ["light", "dark"] as const) {
  test(`every colour stands out from the ${theme} surface`, () => {
    for (const colour of COLOURS)
      expect(contrast(colour[theme], SURFACE[theme]), colour[theme]).toBeGreaterThan(3);
  });

  test.each(Object.entries(SEEN))(`colours differ on the ${theme} surface for %s`, (_name, matrix) => {
    for (const [index, one] of COLOURS.entries())
      for (const other of COLOURS.slice(index + 1)) {
        const [a, b] = [see(one[theme], matrix), see(other[theme], matrix)];
        expect(
          Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]),
          `${one[theme]} ${other[theme]}`,
        ).toBeGreaterThan(0.1);
      }
  });
}

test("all looks differ until they run out", () => {
  const looks = Array.from({ length: NUM_LOOKS }, (_, number) => JSON.stringify(lookOf(number)));
  expect(new Set(looks).size).toBe(NUM_LOOKS);
  expect(lookOf(NUM_LOOKS)).toEqual(lookOf(0));
});

test("a run keeps its look while others come and go", () => {
  const first = assignLooks(["a", "b", "c"], new Map());
  expect([...first]).toEqual([
    ["a", 0],
    ["b", 1],
    ["c", 2],
  ]);
  expect(Object.fromEntries(assignLooks(["c", "d", "e"], first))).toEqual({ c: 2, d: 0, e: 1 });
});
