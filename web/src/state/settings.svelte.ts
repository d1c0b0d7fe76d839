/** What the person chose: view, language, colours, networks, views, step. */
import {
  formatClock,
  formatNumber,
  formatPercent,
  formatSeconds,
  formatSignificant,
  formatSpent,
  pickLanguage,
  translate,
  type Key,
  type Language,
  type Values,
} from "../i18n";
import type { Tab, Views } from "./address";

export type Theme = "auto" | "light" | "dark";
export const THEMES: readonly Theme[] = ["auto", "light", "dark"];
const THEME_KEY = "inkproof.theme";

class Settings {
  language: Language = $state(pickLanguage(navigator.languages));
  theme: Theme = $state(readTheme());
  /** Which view of the page is shown. */
  tab: Tab = $state("draw");
  /** Names of the runs shown; null: the page chooses. */
  networks: string[] | null = $state.raw(null);
  views: Views = $state("drawn");
  /** Which map a network's card shows: of the drawing, or of the test digits. */
  map: "drawing" | "digits" = $state("drawing");
  /** The step of the time machine; null: the newest networks. */
  step: number | null = $state(null);

  setTheme(theme: Theme): void {
    this.theme = theme;
    try {
      localStorage.setItem(THEME_KEY, theme);
    } catch {
      // A browser that keeps nothing still shows the page.
    }
  }
}

function readTheme(): Theme {
  try {
    return THEMES.find((theme) => theme === localStorage.getItem(THEME_KEY)) ?? "auto";
  } catch {
    return "auto";
  }
}

export const settings = new Settings();

/** The text of a key in the language of the page. */
export const t = (key: Key, values?: Values) => translate(settings.language, key, values);
export const number = (value: number) => formatNumber(settings.language, value);
export const significant = (value: number, digits = 3) => formatSignificant(settings.language, value, digits);
export const percent = (share: number, digits = 0) => formatPercent(settings.language, share, digits);
/** As few digits as tell marks of an axis apart. */
export function shortPercent(share: number): string {
  const digits = [0, 1].find((digits) => Number.isInteger(Number((share * 100 * 10 ** digits).toFixed(6))));
  return percent(share, digits ?? 2);
}
export const clock = (seconds: number) => formatClock(settings.language, seconds);
export const duration = (seconds: number) => formatSeconds(settings.language, seconds);
export const spent = (seconds: number) => formatSpent(settings.language, seconds);
/** A whole number with its sign, +3 or −2. */
export const signed = (value: number) => (value > 0 ? `+${value}` : String(value).replace("-", "−"));
