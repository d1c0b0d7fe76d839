import { expect, test } from "vitest";
import {
  formatClock,
  formatPercent,
  formatSeconds,
  formatSignificant,
  formatSpent,
  KEYS,
  LANGUAGES,
  pickLanguage,
  translate,
  type Language,
} from "./i18n";

const sources = import.meta.glob("./**/*.{svelte,ts}", { query: "?raw", import: "default", eager: true });
const code = Object.entries(sources)
  .filter(([path]) => !path.includes("i18n") && !path.includes("api-types"))
  .map(([, text]) => String(text))
  .join("\n");

test.each(LANGUAGES)("every text is there in %s", (language) => {
  for (const key of KEYS) expect(translate(language, key).trim(), key).not.toBe("");
});

test("both languages fill in the same values", () => {
  const names = (language: Language, key: (typeof KEYS)[number]) =>
    [...translate(language, key).matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
  for (const key of KEYS) expect(names("zh", key), key).toEqual(names("en", key));
});

test("Chinese texts are Chinese", () => {
  const same = KEYS.filter((key) => translate("zh", key) === translate("en", key));
  expect(same).toEqual(["edge.place", "setting.beta_1", "setting.beta_2"]);
});

test("Chinese texts have Chinese punctuation", () => {
  for (const key of KEYS)
    expect(translate("zh", key), key).not.toMatch(/[\u4e00-\u9fff][,;:()!?]|[,;:(][\u4e00-\u9fff]/);
});

test("no text is left over", () => {
  const prefixes = [...code.matchAll(/`([a-z.]+\.)\$\{/g)].map((match) => match[1]!);
  const unused = KEYS.filter(
    (key) => !code.includes(`"${key}"`) && !prefixes.some((prefix) => key.startsWith(prefix)),
  );
  expect(unused).toEqual([]);
});

test("values are filled in, unknown ones stay to be seen", () => {
  expect(translate("en", "run.stepOf", { step: 5, steps: 9 })).toBe("step 5 of 9");
  expect(translate("en", "run.stepOf", { step: 5 })).toBe("step 5 of {steps}");
});

test.each([
  [["zh-CN", "en"], "zh"],
  [["de", "en-GB"], "en"],
  [[], "en"],
])("a browser that wants %j gets %s", (wanted, language) => {
  expect(pickLanguage(wanted)).toBe(language);
});

test("per cent and times follow the language", () => {
  expect(formatPercent("en", 0.968, 1)).toBe("96.8\u202f%");
  expect(formatPercent("zh", 0.968)).toBe("97%");
  expect(formatSeconds("en", 42.4)).toBe("42 s");
  expect(formatSeconds("zh", 180)).toBe("3 分钟");
  expect(formatSeconds("en", 7 * 3600)).toBe("7 h");
  expect(formatSpent("en", 0.357)).toBe("0.36 s");
  expect(formatSpent("en", 42.4)).toBe("42 s");
});

test.each([
  [0, "0 s"],
  [2.54, "2.5 s"],
  [99.9, "99.9 s"],
  [100, "1:40"],
  [3599.6, "1:00:00"],
  [3905, "1:05:05"],
])("%d seconds on an axis are %s", (seconds, text) => {
  expect(formatClock("en", seconds)).toBe(text);
});

test.each([
  [8.94e16, "8.94·10¹⁶"],
  [-1e6, "-1·10⁶"],
  [999_999, "1,000,000"],
  [12_345, "12,300"],
  [0.00001, "0.00001"],
  [Infinity, "∞"],
])("%d with three digits is %s", (value, text) => {
  expect(formatSignificant("en", value, 3)).toBe(text);
});
