/** The view that trains, as a person uses it, and a server of one's own to use it on. */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Locator, Page } from "@playwright/test";
import { expect } from "./harness";
import { findFreePort, InkproofServer, RUNS_DIR } from "./server";

/** Much longer than it takes: the machine may have other things to do. */
export const TRAINED_MS = 120_000;

/** What a person does in the view that trains. */
export class TrainView {
  constructor(
    readonly page: Page,
    readonly url: string,
  ) {}

  async open(hash = "#view=train"): Promise<void> {
    await this.page.goto(`${this.url}/${hash}`);
    await expect(this.page.getByRole("combobox", { name: "Recipe" })).not.toHaveValue("");
  }
  field(name: string): Locator {
    return this.page.getByRole("textbox", { name, exact: true });
  }
  async start(recipe: string): Promise<void> {
    await this.page.getByRole("combobox", { name: "Recipe" }).selectOption(recipe);
    await this.again();
  }
  async again(): Promise<void> {
    await this.page.getByRole("button", { name: "Start training" }).click();
  }
  button(name: string): Locator {
    return this.page.getByRole("button", { name, exact: true });
  }
  row(run: string): Locator {
    return this.page.getByRole("row").filter({
      has: this.page.getByRole("checkbox", { name: `Draw the curves of ${run}`, exact: true }),
    });
  }
  async expectFinished(run: string): Promise<void> {
    await expect(this.row(run)).toContainText("finished", { timeout: TRAINED_MS });
  }
  /** The chart of the loss: its name says what each curve says last. */
  get loss(): Locator {
    return this.page.getByRole("application", { name: /^Loss/ });
  }
  /** The names that the chart of the loss has from now on: none is missed between two looks. */
  async watchLoss(): Promise<() => Promise<string[]>> {
    const names = await this.loss.evaluateHandle((chart) => {
      const names = [chart.getAttribute("aria-label")!];
      new MutationObserver(() => names.push(chart.getAttribute("aria-label")!)).observe(chart, {
        attributeFilter: ["aria-label"],
      });
      return names;
    });
    return () => names.jsonValue();
  }
  async act(run: string, name: string): Promise<void> {
    await this.button(`More for ${run}`).click();
    await this.button(name).click();
  }
}

/** A server of its own on copies of trained runs, or on none; and the page on it. */
export async function onOwnServer(
  page: Page,
  copied: readonly string[],
  use: (view: TrainView, server: InkproofServer) => Promise<void>,
): Promise<void> {
  const runsDir = mkdtempSync(join(tmpdir(), "inkproof-e2e-"));
  for (const run of copied) cpSync(join(RUNS_DIR, run), join(runsDir, run), { recursive: true });
  const server = new InkproofServer(await findFreePort(), runsDir);
  await server.start();
  try {
    await use(new TrainView(page, server.url), server);
  } finally {
    await page.goto("about:blank").catch(() => undefined); // nobody is to miss the server
    await server.stop();
    rmSync(runsDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}
