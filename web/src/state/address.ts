/** What the address holds: the page's view, drawing, networks, views of the drawing, step, language. Pure. */
import { decodeDrawing, encodeDrawing } from "../draw/codec";
import { EMPTY, isEmpty, type Drawing } from "../draw/strokes";
import { LANGUAGES, type Language } from "../i18n";
import { readCompare, writeCompare, type CompareAddress } from "./compare-address";
import { readTrain, writeTrain, type TrainAddress } from "./train-address";

export type Views = "drawn" | "centred" | "both";
export const VIEWS: readonly Views[] = ["drawn", "centred", "both"];

/** The views of the page, in the order of the top bar; App.svelte says which are built. */
export const TABS = ["draw", "train", "compare", "prove"] as const;
export type Tab = (typeof TABS)[number];

export interface Address {
  tab: Tab;
  drawing: Drawing;
  /** null: the page chooses. */
  networks: string[] | null;
  views: Views;
  /** null: the newest networks. */
  step: number | null;
  language: Language | null;
  train: TrainAddress;
  compare: CompareAddress;
}

export function writeAddress(address: Address): string {
  const fields = new URLSearchParams({ view: address.tab });
  if (address.networks !== null) fields.set("networks", address.networks.join(","));
  if (address.views !== "drawn") fields.set("see", address.views);
  if (address.step !== null) fields.set("step", String(address.step));
  if (address.language !== null) fields.set("lang", address.language);
  writeTrain(fields, address.train);
  writeCompare(fields, address.compare);
  if (!isEmpty(address.drawing)) fields.set("drawing", encodeDrawing(address.drawing));
  return `#${fields}`;
}

/** Read an address; what is missing or wrong in it is as if nothing was said. */
export function readAddress(hash: string): Address {
  const fields = new URLSearchParams(hash.replace(/^#/, ""));
  const [networks, step] = [fields.get("networks"), fields.get("step")];
  return {
    tab: TABS.find((tab) => tab === fields.get("view")) ?? "draw",
    drawing: decodeDrawing(fields.get("drawing") ?? "") ?? EMPTY,
    networks: networks === null ? null : networks.split(",").filter((name) => name !== ""),
    views: VIEWS.find((views) => views === fields.get("see")) ?? "drawn",
    step: step !== null && /^\d{1,9}$/.test(step) ? Number(step) : null,
    language: LANGUAGES.find((language) => language === fields.get("lang")) ?? null,
    train: readTrain(fields),
    compare: readCompare(fields),
  };
}
