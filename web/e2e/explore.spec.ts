/** Exploring one training: fork it and see the family; look at its weights over time. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { expect, test } from "./harness";
import { findFreePort, InkproofServer, RUNS_DIR } from "./server";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf-8");
const TRAINED_MS = 120_000;

/** A server on a copy of the trained softmax, and the view that trains on it. */
async function onCopy(page: Page, use: (runsDir: string) => Promise<void>) {
  const runsDir = mkdtempSync(join(tmpdir(), "inkproof-e2e-"));
  cpSync(join(RUNS_DIR, "softmax"), join(runsDir, "softmax"), { recursive: true });
  const server = new InkproofServer(await findFreePort(), runsDir);
  await server.start();
  try {
    await page.goto(`${server.url}/#view=train`);
    await use(runsDir);
  } finally {
    await server.stop();
    rmSync(runsDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axeSource);
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run: () => Promise<{ violations: { id: string; nodes: { target: unknown }[] }[] }> };
    };
    return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${JSON.stringify(nodes[0]?.target)}`);
  });
  expect(violations).toEqual([]);
}

test.use({ isStrict: false }); // a refusal and a server that ends are errors in the console, and meant

test("fork a run at a step of its timeline with another learning rate, by keyboard", async ({
  ink,
  page,
}) => {
  void ink; // notices errors and outside requests
  test.setTimeout(240_000);
  await onCopy(page, async () => {
    await page.getByRole("button", { name: "More for softmax", exact: true }).click();
    await page.getByRole("button", { name: "Fork…" }).click();
    const dialog = page.getByRole("dialog", { name: "Fork softmax" });
    const step = dialog.getByRole("slider", { name: "Leave it at step" });
    await expect(step).toHaveAttribute("aria-valuetext", "step 500");
    await step.press("ArrowLeft");
    await expect(step).toHaveAttribute("aria-valuetext", "step 200");
    await dialog.getByRole("button", { name: "÷10: learning rate" }).click();
    await expect(dialog.getByRole("textbox", { name: "learning rate" })).toHaveValue("0.05");
    await expectAccessible(page);

    await dialog.getByRole("textbox", { name: "steps in all" }).fill("100");
    await dialog.getByRole("button", { name: "Start the fork" }).click();
    await expect(dialog.getByRole("alert")).toContainText(
      "leaves its run at step 200 and would end at step 100",
    );
    await dialog.getByRole("textbox", { name: "steps in all" }).fill("300");
    await dialog.getByRole("button", { name: "Start the fork" }).click();
    await expect(dialog).toBeHidden();

    const row = page.getByRole("row").filter({ hasText: "softmax-from-200" });
    await expect(row).toContainText("finished", { timeout: TRAINED_MS });
    await expect(row).toContainText("forked from softmax at step 200");
    const names = await page.getByRole("checkbox").evaluateAll((boxes) => boxes.map((box) => box.id));
    expect(names.indexOf("drawn-softmax-from-200")).toBe(names.indexOf("drawn-softmax") + 1);
    await expectAccessible(page);
  });
});

test("weights over time: ridges, the step by slider and by pointer, a table, the first layer", async ({
  ink,
  page,
}) => {
  void ink;
  await onCopy(page, async () => {
    await page.getByText("Weights over time").click();
    const ridges = page.getByRole("img", {
      name: /^logits, weights: from -?−?[\d.e-]+ to [\d.e-]+\. At step 1,000/,
    });
    await expect(ridges).toBeVisible();
    const slider = page.getByRole("slider", { name: "Step", exact: true });
    await slider.press("Home");
    await expect(slider).toHaveAttribute("aria-valuetext", "step 0");
    await expect(
      page.getByRole("img", { name: /^logits, weights: .* At step 0 the mean is 0, / }),
    ).toBeVisible();
    const box = (await page.getByRole("img", { name: /^logits, weights/ }).boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height - 1);
    await expect(slider).toHaveAttribute("aria-valuetext", "step 1,000");
    await expect(page.locator(".filters").getByText("step 1,000")).toBeVisible();
    await page.getByText("As a table: Weights over time").click();
    const table = page.getByRole("region", { name: /^Mean ± spread/ });
    await expect(table.getByRole("columnheader", { name: "logits, biases" })).toBeVisible();
    await expectAccessible(page);
  });
});
