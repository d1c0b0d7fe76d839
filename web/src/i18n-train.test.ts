import { expect, test } from "vitest";
import reference from "../../docs/reference/settings.md?raw";
import { isKey } from "./i18n";

const names = [...new Set([...reference.matchAll(/^\| `([\w.]+)` \|/gm)].map((match) => match[1]!))];
const recipes = [...reference.matchAll(/^## `(\w+)`$/gm)].map((match) => match[1]!);

test("the reference names settings and recipes", () => {
  expect(names).toContain("learning_rate");
  expect(recipes).toContain("tutorial");
});

test.each(names)("the setting %s has a name and a sentence in both languages", (name) => {
  expect(isKey(`setting.${name}`), `setting.${name}`).toBe(true);
  expect(isKey(`about.${name}`), `about.${name}`).toBe(true);
});

test.each(recipes)("the recipe %s has a sentence in both languages", (name) => {
  expect(isKey(`recipe.${name}`)).toBe(true);
});
