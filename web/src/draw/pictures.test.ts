import { expect, test } from "vitest";
import { decodeBase64, encodeBase64, encodeBase64Url } from "./base64";
import { spread } from "./render";
import { EMPTY } from "./strokes";
import { toSvg } from "./svg";
import { cssViridis, viridis } from "./viridis";

test("base64 comes back in both alphabets", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes);
  expect(decodeBase64(encodeBase64Url(bytes))).toEqual(bytes);
});

test("viridis runs from violet to yellow and grows lighter all the way", () => {
  expect(cssViridis(-1)).toBe("rgb(68 1 84)");
  expect(cssViridis(2)).toBe("rgb(253 231 37)");
  const lightness = Array.from({ length: 21 }, (_, index) => {
    const [red, green, blue] = viridis(index / 20);
    return 0.21 * red + 0.72 * green + 0.07 * blue;
  });
  expect(lightness).toEqual([...lightness].sort((one, other) => one - other));
});

test("ink spreads by a disc and wears away by one", () => {
  const dot = new Uint8Array(25);
  dot[12] = 255;
  const grown = spread(dot, 5, 1);
  expect([...grown].filter((value) => value === 255)).toHaveLength(5);
  expect(spread(grown, 5, -1)).toEqual(dot);
});

test("an SVG keeps strokes and lets erasers take away only what came before", () => {
  const svg = toSvg({
    ...EMPTY,
    strokes: [
      {
        width: 16,
        erase: false,
        points: [
          [1, 2, 1, 0],
          [3, 4, 1, 9],
        ],
      },
      { width: 20, erase: true, points: [[5, 6, 1, 0]] },
      { width: 16, erase: false, points: [[7, 8, 1, 0]] },
    ],
  });
  expect(svg).toContain('<g mask="url(#e1)"><path d="M1 2L3 4"');
  expect(svg.indexOf("</g><path")).toBeGreaterThan(0);
});
