/** From an image of a data set to the pad: it lies there, and the view that draws asks the networks. */
import { tick } from "svelte";
import type { Picture } from "../draw/strokes";
import { pad } from "./pad.svelte";
import { settings } from "./settings.svelte";

/** Lay an image on the pad and go there; `networks` are asked about it, or those of before. */
export async function showOnPad(
  picture: Pick<Picture, "height" | "width" | "channels" | "pixels">,
  networks?: readonly string[],
): Promise<void> {
  pad.layImage(picture);
  if (networks) {
    settings.networks = [...networks];
    settings.step = null;
  }
  settings.tab = "draw";
  await tick();
  document.getElementById("pad")?.focus();
}
