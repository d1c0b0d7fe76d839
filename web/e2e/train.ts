/** Before the tests: train the tutorial's two networks once, and one that reads the edges; two minutes, then kept. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { INKPROOF, RUNS_DIR } from "./server";

function isTrained(recipe: string): boolean {
  const file = `${RUNS_DIR}/${recipe}/run.json`;
  return existsSync(file) && JSON.parse(readFileSync(file, "utf-8")).status === "finished";
}

export default function trainOnce(): void {
  for (const recipe of ["softmax", "tutorial", "robust"]) {
    if (isTrained(recipe)) continue;
    // An eighth of its steps: enough for a 1, not for the last tenth of a per cent.
    const steps = recipe === "robust" ? ["--steps", "400"] : [];
    console.log(`Training ${recipe} for the browser tests, once`);
    execFileSync(INKPROOF, ["train", recipe, ...steps, "--name", recipe, "--runs-dir", RUNS_DIR, "--quiet"], {
      stdio: "inherit",
    });
  }
}
