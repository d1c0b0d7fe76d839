/** The tutorial's exercise from end to end: train, change one number, train again, compare, fork, look at what differs. */
import { expect, expectAccessible, test } from "./harness";
import { onOwnServer, TRAINED_MS } from "./train-view";

/** The page answers within a second; the machine may have other things to do. */
const patient = expect.configure({ timeout: 30_000 });

test("the tutorial's exercise: learning rate ×10, both curves, the verdict, a fork, and the digits behind it", async ({
  ink,
  page,
}) => {
  test.setTimeout(600_000);
  await onOwnServer(page, [], async (view) => {
    const nowAndNext = page.getByRole("region", { name: "Now and next" });
    await view.open();
    await patient(page.getByText("No runs yet")).toBeVisible();

    await test.step("train the tutorial's network, a tenth of its steps", async () => {
      await view.button("÷10: steps").click();
      await patient(view.field("steps")).toHaveValue("200");
      await view.again();
    });

    await test.step("ten times the learning rate waits its turn; what nobody needs is taken out", async () => {
      await view.button("×10: learning rate").click();
      await patient(view.field("learning rate")).toHaveValue("0.001");
      await patient(view.button("learning rate as in the recipe: 0.0001")).toBeVisible();
      await view.again();
      await patient(view.row("tutorial-2")).toContainText("waiting");
      await view.start("softmax");
      await nowAndNext.getByRole("button", { name: "Take out of the queue: softmax" }).click();
      await patient(view.row("softmax")).toContainText("interrupted");
    });

    await test.step("both curves, the second while it learns", async () => {
      await view.expectFinished("tutorial");
      const namesOfLoss = await view.watchLoss();
      await patient(nowAndNext.getByRole("progressbar")).toBeVisible();
      const learning = /tutorial-2: [\d.]+ at (?:[1-9]|[1-9]\d|1\d\d)\. tutorial: [\d.]+ at 200\./;
      const seenLearning = async () => (await namesOfLoss()).filter((name) => learning.test(name)).length;
      await expect.poll(seenLearning, { timeout: TRAINED_MS }).toBeGreaterThan(0);
      await view.expectFinished("tutorial-2");
      await patient(view.loss).toHaveAccessibleName(/tutorial-2: [\d.]+ at 200\. tutorial: [\d.]+ at 200\./);
      const measured = await view.loss.getAttribute("aria-label");
      await page.getByRole("slider", { name: "Smoothing" }).fill("0.9");
      await patient(view.loss).not.toHaveAttribute("aria-label", measured!);
    });

    await test.step("the verdict in words, of the two newest settings", async () => {
      await view.button("Compare").click();
      const verdict = page.getByRole("region", { name: "Verdict" });
      await patient(verdict).toContainText(
        /‘tutorial-2’ reads [\d.]+ points more of the 10,000 images right than ‘tutorial’/,
      );
      await patient(verdict).toContainText("needs more seeds: one training each cannot tell");
    });

    await test.step("go on from step 100 otherwise; stop, and resume with one button", async () => {
      await view.button("Train").click();
      await view.act("tutorial-2", "Fork…");
      const dialog = page.getByRole("dialog", { name: "Fork tutorial-2" });
      await patient(dialog.getByRole("slider", { name: "Leave it at step" })).toHaveAttribute(
        "aria-valuetext",
        "step 100",
      );
      await dialog.getByRole("button", { name: "÷10: learning rate" }).click();
      await dialog.getByRole("textbox", { name: "steps in all" }).fill("300");
      await dialog.getByRole("button", { name: "Start the fork" }).click();
      await patient(dialog).toBeHidden();

      const fork = view.row("tutorial-from-100");
      await nowAndNext
        .getByRole("button", { name: "Stop: tutorial-from-100" })
        .click({ timeout: TRAINED_MS });
      await expect(fork).toContainText("interrupted", { timeout: TRAINED_MS });
      // What was stopped has left the queue: whoever works by keyboard goes on where it can be resumed.
      await expect(fork.getByRole("button", { name: "Resume: tutorial-from-100" })).toBeFocused();
      await page.keyboard.press("Enter");
      await view.expectFinished("tutorial-from-100");
      await patient(fork).toContainText("forked from tutorial-2 at step 100");
      await patient(view.loss).toHaveAccessibleName(/tutorial-from-100: [\d.]+ at 300\./);
      const rows = await page.getByRole("checkbox").evaluateAll((boxes) => boxes.map((box) => box.id));
      expect(rows.indexOf("drawn-tutorial-from-100")).toBe(rows.indexOf("drawn-tutorial-2") + 1); // a family
      await expectAccessible(page);
    });

    await test.step("the digits that only the second reads, and one of them on the pad", async () => {
      await page.goto(`${view.url}/#view=compare&compare=tutorial,tutorial-2`);
      const pair = page.getByRole("region", { name: "Where two networks answer otherwise" });
      await pair
        .getByRole("button", { name: /^\d, only the second: [1-9][\d,]* images?$/ })
        .first()
        .click();
      const image = pair.getByRole("button", { name: /^A \d\. tutorial reads \d, / }).first();
      const [, label, first] = (await image.getAttribute("title"))!.match(/^A (\d)\. tutorial reads (\d)/)!;
      expect(first).not.toBe(label);
      await image.click();
      await patient(ink.pad).toBeFocused();
      await patient(ink.answer("tutorial")).toHaveText(first!);
      await patient(ink.answer("tutorial-2")).toHaveText(label!);
      expect(await ink.inkOnPad()).toBeGreaterThan(500);
    });
  });
});
