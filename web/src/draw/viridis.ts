/** The scale viridis (van der Walt and Smith 2015): even to the eye, and safe for the colour-blind. Pure. */

const STOPS: readonly (readonly [number, number, number])[] = [
  [68, 1, 84],
  [72, 40, 120],
  [62, 74, 137],
  [49, 104, 142],
  [38, 130, 142],
  [31, 158, 137],
  [53, 183, 121],
  [109, 205, 89],
  [180, 222, 44],
  [253, 231, 37],
];

/** Red, green and blue (0 to 255) for a share from 0 to 1; what lies outside is held to the ends. */
export function viridis(share: number): [number, number, number] {
  const place = Math.min(1, Math.max(0, share)) * (STOPS.length - 1);
  const low = Math.min(STOPS.length - 2, Math.floor(place));
  const rest = place - low;
  const [from, to] = [STOPS[low]!, STOPS[low + 1]!];
  const mix = (index: 0 | 1 | 2) => Math.round(from[index] + (to[index] - from[index]) * rest);
  return [mix(0), mix(1), mix(2)];
}

export function cssViridis(share: number): string {
  return `rgb(${viridis(share).join(" ")})`;
}

/** The colour in which a figure can be read on the scale: black on its light end, white on its dark one. */
export function inkOn(share: number): "#000" | "#fff" {
  return luminance(viridis(share)) > 0.179 ? "#000" : "#fff"; // where both stand out alike (WCAG 2)
}

/** Relative luminance (WCAG 2), from 0 for black to 1 for white. */
export function luminance(colour: readonly [number, number, number]): number {
  const [red, green, blue] = colour.map((value) =>
    value <= 10 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
  ) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
