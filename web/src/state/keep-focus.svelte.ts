/** Keyboard focus stays where it was when what it stood on is made anew, moved, or gone. */
import { tick, untrack } from "svelte";

/** Give the focus to the first of these elements that is there, by id; else to the view. */
export async function focusFirst(...ids: (string | undefined)[]): Promise<void> {
  await tick();
  const found = ids.map((id) => id && document.getElementById(id)).find((element) => element);
  (found || document.getElementById("main"))?.focus();
}

/**
 * Watch what a component shows. Call while the component is made.
 *
 * @param root - The element within which focus is kept.
 * @param shown - Reads all on which the elements depend.
 * @param findInstead - Ids to try where the element with this id is gone.
 */
export function keepFocus(
  root: () => HTMLElement | undefined,
  shown: () => unknown,
  findInstead: (id: string) => string[],
): void {
  let held = "";
  $effect.pre(() => {
    shown();
    const focused = document.activeElement;
    held = focused && untrack(root)?.contains(focused) ? focused.id : "";
  });
  $effect(() => {
    shown();
    const isLost = document.activeElement === null || document.activeElement === document.body;
    if (held !== "" && isLost) void focusFirst(held, ...findInstead(held));
  });
}
