/** What the commands of keys and buttons do to the pad. */
import type { Command } from "./keys";
import { pad } from "./pad.svelte";

/** Do it; true, so that the key that asked is known to be used. */
export function perform(command: Command): true {
  switch (command) {
    case "undo":
      pad.undo();
      break;
    case "redo":
      pad.redo();
      break;
    case "clear":
      pad.clear();
      break;
    case "pen":
    case "eraser":
    case "move":
      pad.tool = command;
      break;
    case "turnLeft":
      pad.turn(-1);
      break;
    case "turnRight":
      pad.turn(1);
      break;
    case "grow":
      pad.grow(1);
      break;
    case "shrink":
      pad.grow(-1);
      break;
    case "thicken":
      pad.thicken(1);
      break;
    case "thin":
      pad.thicken(-1);
      break;
  }
  return true;
}
