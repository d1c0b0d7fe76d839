/** Words for what the server names: settings, recipes. It speaks English; where the table has words, they go first. */
import type { Recipe, Setting } from "../api";
import { isKey, TAGS } from "../i18n";
import { settings, t } from "./settings.svelte";

/** A text and the language it is in, for `lang` where it is not that of the page. */
export interface Words {
  text: string;
  language: string | undefined;
}

function look(key: string, english: string): Words {
  if (isKey(key)) return { text: t(key), language: undefined };
  return { text: english, language: settings.language === "en" ? undefined : TAGS.en };
}

/** `model.hidden_units` is “hidden units”. */
export const nameSetting = (name: string): Words =>
  look(
    `setting.${name}`,
    name
      .replace(/^model\.(?!name$)/, "")
      .replaceAll(".", " ")
      .replaceAll("_", " "),
  );

/** The server's own words, which hold its defaults and reasons; short ones of this page where it is Chinese. */
export function describeSetting({ name, help }: Pick<Setting, "name" | "help">): Words {
  if (settings.language === "en") return { text: help, language: undefined };
  return look(`about.${name}`, help);
}

export function describeRecipe({ name, sentence }: Pick<Recipe, "name" | "sentence">): Words {
  if (settings.language === "en") return { text: sentence.replace(/^\w+: /, ""), language: undefined };
  return look(`recipe.${name}`, sentence);
}

export const nameUnit = (unit: string): string => look(`unit.${unit}`, unit).text;
