/** What the server says, in the language of the page. It speaks English; the Chinese is fetched when it is needed. */
import { isKey, TAGS } from "../i18n";
import { settings, t } from "./settings.svelte";
import { nameSetting, type Words } from "./words";

let toChinese: ((text: string) => string | null) | null = $state.raw(null);

/** Fetch the Chinese; what the server says stays English where that fails. */
export async function loadChinese(): Promise<void> {
  try {
    toChinese ??= (await import("../messages")).toChinese;
  } catch {
    // The next change of the language tries again.
  }
}

/** A text of the server as the page shows it; one that nobody knows stays as it came. */
export function say(text: string): Words {
  if (settings.language === "en") return { text, language: undefined };
  const chinese = sayHelp(text) ?? toChinese?.(text) ?? null;
  if (chinese !== null) return { text: chinese, language: undefined };
  const isOwn = /[\u4e00-\u9fff]/.test(text); // the page's own words come this way, too
  return { text, language: isOwn ? undefined : TAGS.en };
}

/** “learning_rate: Size of each change of the weights.” is the help of a setting, for which the page has words. */
function sayHelp(text: string): string | null {
  const name = /^([\w.]+): /.exec(text)?.[1] ?? "";
  const key = `about.${name}`;
  return isKey(key) ? `${nameSetting(name).text}：${t(key)}` : null;
}
