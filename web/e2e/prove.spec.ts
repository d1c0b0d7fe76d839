/** The view that proves: suites are measured, maps fill, a cell of the confusion matrix opens to images for the pad. */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { expect, expectAccessible, Ink, test as base } from "./harness";
import { findFreePort, InkproofServer, RUNS_DIR } from "./server";

/** A server on a copy of the softmax run, of which nothing was measured when the worker began. */
const test = base.extend<{ prove: Ink }, { proving: InkproofServer }>({
  proving: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const folder = mkdtempSync(`${tmpdir()}/inkproof-prove-`);
      cpSync(`${RUNS_DIR}/softmax`, `${folder}/softmax`, { recursive: true });
      rmSync(`${folder}/softmax/evaluation`, { recursive: true, force: true });
      const server = new InkproofServer(await findFreePort(), folder);
      await server.start();
      await use(server);
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
    { scope: "worker" },
  ],
  prove: async ({ page, proving }, use) => {
    const ink = new Ink(page, proving.url);
    await page.goto(`${proving.url}/#view=prove`);
    await expect(ink.card("softmax").getByRole("table").first()).toBeVisible();
    await use(ink);
  },
});

/** Measure a suite by its button, unless it was measured already. */
async function measure(ink: Ink, suite: string): Promise<void> {
  const button = ink.card("softmax").getByRole("button", { name: `Measure “${suite}” of softmax` });
  const row = ink.card("softmax").getByRole("row", { name: new RegExp(`^${suite} `) });
  await expect(row).toBeVisible();
  if ((await row.innerText()).includes("Not measured yet")) await button.first().click();
  await expect(row).toContainText("%", { timeout: 60_000 });
}

test.describe.configure({ timeout: 90_000 });

test("a suite is measured, and its map fills and is read by keyboard", async ({ prove, page }) => {
  const card = prove.card("softmax");
  await measure(prove, "Moved");
  const map = card.getByRole("application", { name: /^Shift map of softmax/ });
  await map.focus();
  await expect(card).toContainText(/here: \d+\s% of 500 read/);
  await page.keyboard.press("ArrowRight");
  await expect(card).toContainText(/\+1 → 0 ↓: \d+\s% of \d+ read/);
  await card.getByRole("combobox", { name: "Digits" }).selectOption("all, some cut");
  await card.getByRole("combobox", { name: "Class" }).selectOption("7");
  await expect(card).toContainText(/\+1 → 0 ↓: \d+\s% of [3-6]\d read/); // a tenth of the digits
  await card.getByText("As a table").first().click();
  await expect(card.getByRole("region", { name: "As a table" }).getByRole("row")).toHaveCount(22);

  await page.getByRole("button", { name: "Draw", exact: true }).click();
  await page.getByRole("button", { name: "Test set" }).click();
  await expect(prove.map("softmax")).toHaveAccessibleName(/^Shift map of softmax/);
  await page.goBack();
  await expect(page.getByRole("button", { name: "Prove" })).toHaveAttribute("aria-current", "page");
});

test("a cell opens to its images, and one of them is laid on the pad and answered", async ({
  prove,
  page,
}) => {
  await measure(prove, "As they are");
  const grid = prove.card("softmax").getByRole("grid", { name: /^Confusion matrix of softmax/ });
  await grid.getByRole("button", { name: /^0 read right/ }).focus();
  for (const key of ["End", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown"])
    await page.keyboard.press(key);
  const cell = grid.getByRole("button", { name: /^4 taken for 9/ });
  await expect(cell).toBeFocused();
  await page.keyboard.press("Enter");
  const count = Number((await cell.innerText()).replace(",", ""));
  await expect(prove.card("softmax")).toContainText(`4 taken for 9: ${count} images of softmax`);
  const images = prove.card("softmax").getByRole("button", { name: /^Test image .* read as 9 at/ });
  await expect(images).toHaveCount(Math.min(24, count));

  await images.first().focus();
  await page.keyboard.press("Enter");

  await expect(prove.answer("softmax")).toHaveText("9");
  await expect(prove.pad).toBeFocused();
  expect(await prove.inkOnPad()).toBeGreaterThan(500);
});

test("measuring is stopped, and goes on when asked again", async ({ prove, page }) => {
  const card = prove.card("softmax");
  await card.getByRole("button", { name: /^Measure what is missing/ }).click();
  await expect(card.getByRole("progressbar").first()).toBeVisible();
  await expect(card).toContainText(/, \d+\s%/, { timeout: 30_000 });
  await card.getByRole("button", { name: "Stop measuring softmax" }).click();
  await expect(
    card.getByRole("button", { name: /^(Measure what is missing|Go on measuring)/ }),
  ).toBeVisible();
  await page.reload();
  await expect(card.getByRole("button", { name: /missing/ })).toBeVisible();
});

test("on a phone nothing is cut off", async ({ prove, page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await measure(prove, "As they are");
  await prove
    .card("softmax")
    .getByRole("button", { name: /^4 taken for 9/ })
    .click();
  await expect(page.getByText("The surest first.")).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing on the view: ${colorScheme}`, async ({ prove, page }) => {
    await page.emulateMedia({ colorScheme });
    await measure(prove, "As they are");
    await measure(prove, "Spoilt");
    await prove
      .card("softmax")
      .getByRole("button", { name: /^4 taken for 9/ })
      .click();
    await expect(page.getByText("The surest first.")).toBeVisible();
    await expectAccessible(page);
  });
}

test("the view is whole in Chinese", async ({ prove, page }) => {
  await page.getByRole("button", { name: "中文" }).click();
  await expect(prove.card("softmax")).toContainText("把什么认成什么");
  const text = await page.locator("body").innerText();
  const english = text
    .match(/[A-Za-z]{3,}/g)
    ?.filter((word) => !["Inkproof", "softmax", "affNIST"].includes(word));
  expect(english ?? []).toEqual([]);
});
