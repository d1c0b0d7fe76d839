/**
 * How curves are told apart: by colour and by dash, so that colour is never alone. Pure.
 *
 * The hues begin as those of Okabe and Ito (2008), and were then moved, for each theme on its own, to where they lie
 * farthest apart for eyes with and without colour-blindness and still stand out from the surface: a test counts both.
 */

export interface Colour {
  light: string;
  dark: string;
}

export const COLOURS: readonly Colour[] = [
  { light: "#0091c6", dark: "#4a97fb" },
  { light: "#d37c16", dark: "#dda91a" },
  { light: "#03706a", dark: "#00deb7" },
  { light: "#9d00e2", dark: "#ed32a8" },
  { light: "#6a4000", dark: "#9e5b35" },
  { light: "#2a2326", dark: "#f4f3ee" },
];

/** Lengths of line and gap in CSS pixels; none: a whole line. */
export const DASHES: readonly (readonly number[])[] = [[], [7, 4], [2, 3], [10, 3, 2, 3]];

/** Curves with numbers below this all look different. */
export const NUM_LOOKS = COLOURS.length * DASHES.length;

export interface Look {
  /** A CSS colour that follows the theme. */
  colour: string;
  dash: readonly number[];
}

/** The look of curve number 0, 1, 2, …: first all colours with whole lines, then the same with dashes. */
export function lookOf(number: number): Look {
  const { light, dark } = COLOURS[number % COLOURS.length]!;
  return {
    colour: `light-dark(${light}, ${dark})`,
    dash: DASHES[Math.floor(number / COLOURS.length) % DASHES.length]!,
  };
}

/** Give each name the smallest number that is free; names that had one keep it. */
export function assignLooks(
  names: readonly string[],
  before: ReadonlyMap<string, number>,
): Map<string, number> {
  const given = new Map(names.filter((name) => before.has(name)).map((name) => [name, before.get(name)!]));
  const taken = new Set(given.values());
  let free = 0;
  for (const name of names) {
    if (given.has(name)) continue;
    while (taken.has(free)) free += 1;
    taken.add(free);
    given.set(name, free);
  }
  return given;
}
