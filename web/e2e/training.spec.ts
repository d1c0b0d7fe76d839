/** Training from the page: the form, live curves, and what is done with runs. */
import { expect, expectAccessible, test } from "./harness";
import { onOwnServer, TRAINED_MS, TrainView } from "./train-view";

test("curves are smoothed, drawn over images and logarithmic, and the address keeps all of it", async ({
  ink,
  page,
}) => {
  const view = new TrainView(page, ink.url);
  await view.open("#view=train&curves=softmax,tutorial");
  // Smooth, and look at the table: what was measured stays, in brackets.
  const loss = page.locator("figure").filter({ has: view.loss });
  await loss.getByText("As a table").click();
  await expect(loss.getByRole("row").nth(2).getByRole("cell").first()).not.toContainText("(");
  await page.getByRole("slider", { name: "Smoothing" }).fill("0.9");
  await expect(loss.getByRole("row").nth(2).getByRole("cell").first()).toContainText(/[\d.]+ \([\d.]+\)/);

  // One curve only, over images, on logarithmic axes; and all of it again after a reload.
  await page.getByRole("checkbox", { name: "Draw the curves of tutorial" }).uncheck();
  await page.getByRole("button", { name: "Images seen" }).click();
  await page.getByRole("button", { name: "y", exact: true }).click();
  await expect(view.loss).toHaveAccessibleName(/softmax: [\d.]+ at 100,000\./);
  await expect.poll(() => page.url()).toContain("curves=softmax&x=images&log=y&smooth=0.9");
  const before = await view.loss.getAttribute("aria-label");
  await page.reload();
  await expect(view.loss).toHaveAttribute("aria-label", before!);
  await expect(page.getByRole("slider", { name: "Smoothing" })).toHaveValue("0.9");

  // From a curve to a drawing on its network.
  await view.button("Draw on softmax").click();
  await expect(page.getByRole("article", { name: "softmax", exact: true })).toBeVisible();
});

test("a run is renamed, noted, deleted and brought back, and its settings are tried otherwise", async ({
  ink,
  page,
}) => {
  void ink; // notices errors and outside requests
  await onOwnServer(page, ["softmax"], async (view) => {
    await view.open();
    await view.act("softmax", "Name and note…");
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("textbox", { name: "Name" }).fill("first-try");
    await dialog.getByRole("textbox", { name: "Note" }).fill("As the recipe says");
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect(view.row("first-try")).toContainText("As the recipe says");
    await expect(view.loss).toHaveAccessibleName(/first-try: /);

    await view.act("first-try", "Delete");
    await expect(view.row("first-try")).toHaveCount(0);
    await page.getByRole("button", { name: "Undo", exact: true }).press("Enter");
    await expect(view.row("first-try")).toContainText("finished");
    await expect(view.row("first-try").getByRole("checkbox")).toBeFocused();
    await expect(view.loss).toHaveAccessibleName(/first-try: [\d.]+ at 1,000\./);

    await view.act("first-try", "Train again, but …");
    await expect(view.field("steps")).toHaveValue("1000");
    await view.button("×10: learning rate").click();
    await view.button("learning rate as in the recipe: 0.5").click();
    await expect(view.field("learning rate")).toHaveValue("0.5");
  });
});

test.describe("what goes wrong", () => {
  test.use({ isStrict: false }); // refused requests and lost ones stand in the console

  test("what the server refuses is said at the field", async ({ ink, page }) => {
    const view = new TrainView(page, ink.url);
    await view.open();
    await view.field("learning rate").fill("-1");
    await view.again();
    await expect(view.field("learning rate")).toHaveAttribute("aria-invalid", "true");
    await expect(view.field("learning rate")).toHaveAccessibleDescription(
      /'learning_rate' is '?-1.*greater than 0/,
    );
    await page.getByRole("button", { name: "中文" }).click();
    await expect(page.getByRole("textbox", { name: "学习率", exact: true })).toHaveAccessibleDescription(
      /^设置“learning_rate”的值是 '?-1.*但应大于 0。学习率：每次修改权重的幅度。$/,
    );
    await page.getByRole("button", { name: "EN", exact: true }).click();
    await page.getByText("More settings").click();
    await view.field("learning rate").fill("0.001");
    await expect(view.field("learning rate")).not.toHaveAttribute("aria-invalid");

    await view.act("softmax", "Name and note…");
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("not/allowed");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("dialog").getByRole("alert")).toContainText("not/allowed");
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect(page.getByRole("dialog")).toBeHidden();
  });

  test("a server that is lost and comes back leaves no gap and no point twice", async ({ ink, page }) => {
    void ink;
    test.setTimeout(400_000);
    await onOwnServer(page, [], async (view, server) => {
      await view.open();
      await view.button("÷10: steps").click();
      await view.again();
      await expect(view.loss).toHaveAccessibleName(/tutorial: [\d.]+ at \d+\./, { timeout: TRAINED_MS });
      await server.stop(); // the training goes on without it
      await expect(page.getByText("The server does not answer")).toBeVisible({ timeout: 20_000 });
      await server.start();
      await expect(page.locator(".notice")).toHaveCount(0, { timeout: 20_000 });
      await expect(view.row("tutorial")).toContainText("finished", { timeout: 2 * TRAINED_MS });
      await expect(view.loss).toHaveAccessibleName(/tutorial: [\d.]+ at 200\./, { timeout: 30_000 });
      const live = await view.loss.getAttribute("aria-label");
      const figure = page.locator("figure").filter({ has: view.loss });
      await figure.getByText("As a table").click();
      const rows = await figure.getByRole("row").allInnerTexts();
      await page.reload();
      await expect(view.loss).toHaveAttribute("aria-label", live!);
      await figure.getByText("As a table").click();
      expect(await figure.getByRole("row").allInnerTexts()).toEqual(rows);
    });
  });
});

test("curves are read and zoomed by keyboard, and by dragging", async ({ ink, page }) => {
  const view = new TrainView(page, ink.url);
  await view.open("#view=train&curves=softmax");
  await expect(view.loss).toHaveAccessibleName(/softmax: /);
  await view.loss.focus();
  for (let press = 0; press < 5; press += 1) await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("columnheader", { name: /^Run at step 100$/ })).toBeVisible();
  await expect(page.locator("figure [aria-live]").first()).toHaveText(/^100: softmax [\d.]+$/);
  const all = view.button("Show all: Loss");
  await expect(all).toBeDisabled();
  await page.keyboard.press("+");
  await expect(all).toBeEnabled();
  await page.keyboard.press("Escape");
  await expect(all).toBeDisabled();

  const box = (await view.loss.boundingBox())!;
  await page.mouse.move(box.x + 120, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + 220, box.y + 62, { steps: 5 });
  await page.mouse.up();
  await expect(view.button("Show all: Learning rate")).toBeEnabled(); // all charts over the same x
  await page.mouse.dblclick(box.x + 200, box.y + 60);
  await expect(all).toBeDisabled();
});

test("on a phone nothing is cut off", async ({ ink, page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const view = new TrainView(page, ink.url);
  await view.open();
  await expect(view.loss).toHaveAccessibleName(/tutorial: /);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await page.getByRole("button", { name: "中文" }).click();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing in the view that trains: ${colorScheme}`, async ({ ink, page }) => {
    await page.emulateMedia({ colorScheme });
    const view = new TrainView(page, ink.url);
    await view.open("#view=train&curves=softmax,tutorial&smooth=0.9");
    await expect(view.loss).toHaveAccessibleName(/tutorial: /);
    await page.getByText("More settings").click();
    await page.getByText("Network", { exact: true }).click();
    await view.button("×10: learning rate").click();
    await page.locator("figure").first().getByText("As a table").click();
    await view.button("More for softmax").click();
    await expectAccessible(page);
  });
}
