import fc from "fast-check";
import { expect, test } from "vitest";
import { compile, toChinese } from "./messages";
import TEMPLATES from "./messages.zh.json";

const fill = (template: string, values: readonly string[]) =>
  template.replace(/\{(\d+)\}/g, (_, hole) => values[Number(hole)]!);

// Values as they are: names, numbers, paths. No template has digits beside a slash.
const value = fc
  .array(fc.integer({ min: 0, max: 9999 }), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join("/"));
const filled = fc
  .constantFrom(...Object.entries(TEMPLATES))
  .chain(([english, chinese]) =>
    fc.tuple(fc.constant(english), fc.constant(chinese), fc.array(value, { minLength: 6, maxLength: 6 })),
  );

test("a filled template becomes its translation with the same values", () => {
  fc.assert(
    fc.property(filled, ([english, chinese, values]) => {
      expect(toChinese(fill(english, values))).toBe(fill(chinese, values));
    }),
    { numRuns: 2000 },
  );
});

test("a message inside of a message is translated, too", () => {
  fc.assert(
    fc.property(filled, fc.nat(255), ([english, chinese, values], status) => {
      expect(
        toChinese(`The training ended with exit status ${status}. error: ${fill(english, values)}`),
      ).toBe(`训练以退出状态 ${status} 结束。错误：${fill(chinese, values)}`);
    }),
  );
});

test("a text that no template fits is not known", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Z][a-z]{3,9}( [a-z]{3,9}){1,6}\.$/), (text) => {
      expect(compile({ "The run '{0}' is finished.": "训练“{0}”已完成。" })(text)).toBeNull();
    }),
  );
});

test("of two templates that fit, the one that says more is taken", () => {
  const translate = compile({ "{0} was expected": "应为 {0}", "a whole {0} was expected": "应为整个 {0}" });
  expect(translate("a whole file was expected")).toBe("应为整个 file");
  expect(translate("a file was expected")).toBe("应为 a file");
});

test("values may change places, and hold what means something to a pattern", () => {
  const translate = compile({ "{0} of {1} (all)": "{1} 中的 {0}（全部）" });
  expect(translate("$& of a.b*\nc (all)")).toBe("a.b*\nc 中的 $&（全部）");
});

test.each([
  [
    "The setting 'learning_rate' is 5000, but input should be less than or equal to 1000.",
    "设置“learning_rate”的值是 5000，但应小于或等于 1000。",
  ],
  [
    "The setting 'optimizer' is 'x', but input should be 'adam' or 'sgd'.",
    "设置“optimizer”的值是 'x'，但应为 'adam' 或 'sgd'。",
  ],
  [
    "The data file '/a/b' cannot be read: No such file or directory.",
    "无法读取数据文件“/a/b”：没有这个文件或文件夹。",
  ],
  [
    "The training ended with exit status 1. error: There is no recipe 'a'.\n  tip: The recipes are: b, c.",
    "训练以退出状态 1 结束。错误：没有名为“a”的配方。\n  提示：现有配方：b, c。",
  ],
  [
    "Traceback (most recent call last):\nDataFileError: The data file 'x' cannot be read: odd.",
    "Traceback (most recent call last):\nDataFileError：无法读取数据文件“x”：odd。",
  ],
])("%j", (english, chinese) => {
  expect(toChinese(english)).toBe(chinese);
});

test("Chinese texts have Chinese punctuation", () => {
  for (const chinese of Object.values(TEMPLATES))
    expect(chinese).not.toMatch(/[\u4e00-\u9fff][,;:()!?]|[,;:(][\u4e00-\u9fff]/);
});
