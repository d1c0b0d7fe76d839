/** Exploring one training: where to fork it, and what a fork cannot be; its weights over time. */
import { expect, expectAccessible, test } from "./harness";
import { onOwnServer } from "./train-view";

test.use({ isStrict: false }); // a refusal and a server that ends are errors in the console, and meant

test("a fork leaves its run at a step of the timeline, chosen by keyboard, and ends later", async ({
  ink,
  page,
}) => {
  void ink; // notices errors and outside requests
  await onOwnServer(page, ["softmax"], async (view) => {
    await view.open();
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
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await expect(dialog).toBeHidden();
  });
});

test("weights over time: ridges, the step by slider and by pointer, a table, the first layer", async ({
  ink,
  page,
}) => {
  void ink;
  await onOwnServer(page, ["softmax"], async (view) => {
    await view.open();
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
