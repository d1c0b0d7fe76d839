/** What the server says, in Chinese: it speaks English, by templates. Loaded only where the page is Chinese. Pure. */
import TEMPLATES from "./messages.zh.json";

export type Templates = Readonly<Record<string, string>>;
type Translate = (text: string) => string | null;

interface Pattern {
  expression: RegExp;
  chinese: string;
  /** Letters before the first hole: of two templates that fit, the one that is surer how the text begins is right. */
  numFirst: number;
  /** Letters that are fixed in all: the one with more of them says more. */
  numFixed: number;
}

/** What the command line puts before an error, its hint, and an error of another program. */
const PREFIX = /^(\s*)(error|tip|[A-Za-z.]*Error): (.*)$/s;
const PREFIXES: Templates = { error: "错误", tip: "提示" };

/**
 * A function from an English text to its translation, null for a text that no template fits. What stands in a hole is
 * translated, too, where it is a known text: an error tells of another one.
 *
 * @param templates English template to its translation; `{0}`, `{1}`, … stand for any text, in any order.
 */
export function compile(templates: Templates): Translate {
  const patterns = Object.entries(templates)
    .filter(([, chinese]) => chinese !== "")
    .map(([english, chinese]) => toPattern(english, chinese))
    .sort((one, other) => other.numFirst - one.numFirst || other.numFixed - one.numFixed);
  const firm = patterns.filter(({ numFirst }) => numFirst > 0);
  const open = patterns.filter(({ numFirst }) => numFirst === 0);

  // One that begins with a hole comes last: it would take what another one says before it for its value.
  const translate: Translate = (text) => fit(firm, text) ?? translateOutput(text) ?? fit(open, text);

  function fit(among: readonly Pattern[], text: string): string | null {
    for (const { expression, chinese } of among) {
      const values = expression.exec(text);
      if (values)
        return chinese.replace(/\{(\d+)\}/g, (_, hole) => {
          const value = values[Number(hole) + 1] ?? "";
          return translate(value) ?? value;
        });
    }
    return null;
  }

  /** The last lines of a child process: each by itself. */
  function translateOutput(text: string): string | null {
    const lines = text.split("\n");
    if (lines.length > 1) {
      const known = lines.map(translate);
      return known.some((line) => line !== null)
        ? known.map((line, at) => line ?? lines[at]).join("\n")
        : null;
    }
    const [, space, prefix, rest] = PREFIX.exec(text) ?? [];
    const known = rest === undefined ? null : translate(rest);
    return known === null ? null : `${space}${PREFIXES[prefix!] ?? prefix}：${known}`;
  }

  return translate;
}

function toPattern(english: string, chinese: string): Pattern {
  const fixed = english.split(/\{\d+\}/);
  const source = fixed.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("(.*?)");
  // Quoted inside of a sentence, a text begins with a small letter.
  const either = source.replace(/^[a-z]/i, (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`);
  const numFixed = fixed.join("").length;
  return { expression: new RegExp(`^${either}$`, "s"), chinese, numFirst: fixed[0]!.length, numFixed };
}

let translate: Translate | null = null;

/** The Chinese of what the server said; null for a text that is not known. */
export function toChinese(text: string): string | null {
  translate ??= compile(TEMPLATES);
  return translate(text);
}
