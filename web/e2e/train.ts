/** Before the tests: train the tutorial's two networks once; about a minute, then kept. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { INKPROOF, RUNS_DIR } from "./server";

function isTrained(recipe: string): boolean {
  const file = `${RUNS_DIR}/${recipe}/run.json`;
  return existsSync(file) && JSON.parse(readFileSync(file, "utf-8")).status === "finished";
}

export default function trainOnce(): void {
  for (const recipe of ["softmax", "tutorial"]) {
    if (isTrained(recipe)) continue;
    console.log(`Training ${recipe} for the browser tests, once`);
    execFileSync(INKPROOF, ["train", recipe, "--name", recipe, "--runs-dir", RUNS_DIR, "--quiet"], {
      stdio: "inherit",
    });
  }
}
