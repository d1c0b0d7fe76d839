/** A sweep from the page: the form, trials as they come, stopping and extending, pictures, table and proof. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import { expect, test } from "./harness";
import { onOwnServer, TRAINED_MS, type TrainView } from "./train-view";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf-8");

/** Softmax by its learning rate and its steps, which takes little more than starting Ray. */
async function fillForm(view: TrainView, page: Page): Promise<void> {
  await page.getByRole("button", { name: "Sweep", exact: true }).click();
  await page.getByRole("combobox", { name: "Recipe" }).selectOption("softmax");
  await view.field("learning rate: from").fill("0.01");
  await view.button("Add a setting").click();
  await page.getByRole("combobox", { name: "Setting 2" }).selectOption("steps");
  await page.getByRole("combobox", { name: "How steps is searched" }).selectOption("these values");
  await view.field("steps: values, with commas between them").fill("50, 100");
  await view.field("Trials").fill("4");
  await view.field("Seeds of the proof").fill("2");
}

test("a sweep is begun, stopped, extended, and proves its best setting", async ({ ink, page }) => {
  void ink; // notices errors and outside requests
  test.setTimeout(5 * TRAINED_MS);
  await onOwnServer(page, [], async (view) => {
    await view.open();
    await fillForm(view, page);

    await expect(page.getByText("At most 4 trainings of 100 steps, then 4 for the proof.")).toBeVisible();

    await view.button("Start sweep").click();
    await expect(page.getByRole("heading", { name: "softmax-sweep" })).toBeVisible();
    await expect.poll(() => page.url()).toContain("sweep=softmax-sweep");
    // Stopped while it loads, so that Ray need start only once; tests/e2e/test_sweep.py stops trials that learn.
    await view.button("Stop: softmax-sweep").click();
    await expect(page.getByText("stopped", { exact: true })).toBeVisible({ timeout: TRAINED_MS });

    await view.button("More trials").click();
    await view.field("Trials in all").fill("5");
    await view.button("Go on").click();
    // Trials appear by themselves, and are drawn.
    await expect(view.button("Curves of trial 0")).toBeVisible({ timeout: TRAINED_MS });
    await expect(
      page.getByRole("application", { name: /^learning rate against accuracy of \d trials/ }),
    ).toBeVisible();
    await expect(page.getByText(/^5 of 5 trials/)).toBeVisible({ timeout: TRAINED_MS });
    const proof = page.getByRole("region", { name: "Proof on the test images" });
    await expect(proof).toContainText("2 seeds each", { timeout: TRAINED_MS });
    await expect(proof).toContainText(/best setting\s*[\d.]+.%/);
    await expect(page.getByRole("list").filter({ hasText: "finished · 5 of 5 trials" })).toBeVisible();

    // The pictures: by keyboard from the best trial on, in words, and in the table.
    const picture = page.getByRole("application", { name: /^learning rate against accuracy of 5 trials/ });
    await picture.focus();
    await page.keyboard.press("ArrowRight");
    await expect(
      page.getByText(/^Trial \d: [\d.]+.% · learning rate [\d.]+, steps \d+ · finished$/),
    ).toHaveCount(2);
    await expect(page.getByRole("application", { name: /^Parallel coordinates of 5 trials/ })).toBeVisible();
    await expect(page.getByRole("region", { name: "What mattered" })).toContainText("8 ended trials");

    // The table, sorted by any column, and as a file.
    const table = page.getByRole("table");
    await expect(table.getByRole("row")).toHaveCount(6);
    await expect(table.getByRole("row").nth(1)).toContainText("★ best");
    await view.button("learning rate").click();
    const rates = await table.locator("tbody td:nth-child(3)").allInnerTexts();
    expect(rates.length).toBe(5);
    expect(rates.map(Number)).toEqual(rates.map(Number).sort((one, other) => one - other));
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Download as CSV" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("softmax-sweep-trials.csv");
    expect(readFileSync(await download.path(), "utf-8").split("\n")[0]).toContain(
      "trial,learning_rate,steps,status",
    );

    await page.evaluate(axeSource);
    const violations = await page.evaluate("axe.run()");
    expect((violations as { violations: unknown[] }).violations).toEqual([]);

    // Everything in Chinese, after a reload of the same address.
    await page.getByRole("button", { name: "中文" }).click();
    await expect.poll(() => page.url()).toContain("lang=zh");
    await page.reload();
    await expect(page.getByRole("region", { name: "在测试图像上的检验" })).toContainText("各 2 个种子");
    await expect(page.getByRole("application", { name: /^5 次试验的学习率与准确率/ })).toBeVisible();
    await page.getByRole("button", { name: "EN" }).click();

    // In the list of runs the sweep is one line; a trial's curves are one click away.
    await page
      .getByRole("button", { name: /^Curves of trial/ })
      .first()
      .click();
    await expect(view.loss).toBeVisible();
    await expect(view.button("Show sweep: softmax-sweep")).toBeVisible();
    await expect(page.getByRole("checkbox", { name: /^Draw the curves of/ })).toHaveCount(1);
    await view.button("Runs of the sweep softmax-sweep").click();
    await expect(page.getByRole("checkbox", { name: /^Draw the curves of/ })).not.toHaveCount(1);
    await page.setViewportSize({ width: 390, height: 844 }); // on a phone names keep their room beside a sweep
    const label = page.locator("label", { has: page.locator("[id^=drawn-softmax-sweep]") }).first();
    expect((await label.boundingBox())!.width).toBeGreaterThan(150);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await page.setViewportSize({ width: 1366, height: 768 });
    await page.goBack();
    await expect(view.button("Compare these runs")).toBeVisible();
    await page.goForward();
    await view.button("Show sweep: softmax-sweep").click();

    await view.button("Compare these runs").click();
    await expect(page.getByRole("heading", { name: "Verdict" })).toBeVisible();
    await page.goBack();
    await view.button("More for softmax-sweep").click();
    await view.button("Delete the sweep, keep its runs").click();
    await expect(page.getByRole("heading", { name: "No sweep yet" })).toBeVisible();
    await expect(page.getByRole("main")).toBeFocused();
  });
});

test.describe("a refusal", () => {
  test.use({ isStrict: false }); // the browser notes each in its console

  test("what is wrong with a space is said where it is wrong", async ({ ink, page }) => {
    void ink;
    await onOwnServer(page, [], async (view) => {
      await view.open();
      await fillForm(view, page);
      await view.field("learning rate: to").fill("0.001");
      await view.button("Start sweep").click();
      await expect(page.getByText("learning_rate=0.01..0.001:log' does not ascend").last()).toBeVisible();
      await expect(view.field("learning rate: to")).toHaveAttribute("aria-invalid", "true");
      await expect(view.field("learning rate: from")).toBeFocused();
      await view.field("learning rate: to").fill("0.1");
      await expect(view.field("learning rate: to")).not.toHaveAttribute("aria-invalid", "true");
      await view.field("Trials").fill("many");
      await view.button("Start sweep").click();
      await expect(page.getByText("'trials' is 'many'")).toBeVisible();
      await expect(page.getByRole("heading", { name: "No sweep yet" })).toBeVisible();
    });
  });
});
