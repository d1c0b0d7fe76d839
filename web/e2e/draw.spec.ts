/** Drawing and what follows from it: pen, keyboard, images, undo, moving. */
import { expect, ONE, SEVEN, test } from "./harness";

test("a drawn 1 at the right edge is misread by tutorial and read by robust, and the edge map shows where it turns", async ({
  ink,
  page,
}) => {
  await ink.open();
  await ink.draw(ONE);
  await expect(ink.answer("tutorial")).toHaveText("1");
  await expect(ink.answer("robust")).toHaveText("1");
  await expect(ink.map("tutorial")).toHaveAccessibleName(/the probability of 1/);

  const right = (await ink.seenBox())[2]!;
  await ink.pad.focus();
  for (let step = 0; step < 10; step += 1) await page.keyboard.press("ArrowRight");
  await expect.poll(async () => (await ink.seenBox())[2]).toBe(right + 10);
  await expect(ink.answer("tutorial")).not.toHaveText("1");
  await expect(ink.answer("robust")).toHaveText("1");
  const atEdge = await ink.answer("tutorial").innerText();

  // The map says the same as the answers, at the place of the drawing and in the middle of the frame.
  await ink.map("tutorial").focus();
  await expect(ink.card("tutorial").locator(".reading")).toHaveText(new RegExp(`^here: .*reads ${atEdge}$`));
  for (let step = 0; step < 10; step += 1) await page.keyboard.press("ArrowLeft");
  await expect(ink.card("tutorial").locator(".reading")).toContainText("reads 1");
  await page.keyboard.press("Enter");
  await expect(ink.answer("tutorial")).toHaveText("1");
});

test("a click on the edge map moves the drawing there", async ({ ink, page }) => {
  await ink.open();
  await ink.draw(ONE);
  await expect(ink.map("tutorial")).toBeVisible();
  const box = (await ink.map("tutorial").boundingBox())!;
  await page.mouse.click(box.x + 2, box.y + 2);
  // The thin tip of the flag may be too light to count as ink.
  await expect.poll(async () => Math.max(...(await ink.seenBox()).slice(0, 2))).toBeLessThanOrEqual(1);
  await ink.card("tutorial").getByText("As a table").click();
  await expect(ink.card("tutorial").getByRole("table")).toBeVisible();
});

test("an empty pad has no answer, a dot and ink outside are no error", async ({ ink, page }) => {
  await ink.open();
  await expect(ink.card("tutorial")).toContainText("Draw something");
  await ink.draw([[112, 112]]);
  await expect(ink.answer("tutorial")).toBeVisible();
  await ink.pad.focus();
  for (let step = 0; step < 20; step += 1) await page.keyboard.press("ArrowDown");
  await expect(ink.card("tutorial")).toContainText("No ink reaches the paper");
  await expect(page.locator(".notice")).toHaveCount(0);
});

test("ink is there while the pen is down, and a stroke that leaves the pad does not tear", async ({
  ink,
  page,
}) => {
  await ink.open();
  const box = (await ink.pad.boundingBox())!;
  await page.mouse.move(box.x + 100, box.y + 100);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width + 80, box.y + 120, { steps: 4 });
  expect(await ink.inkOnPad()).toBeGreaterThan(1000);
  await expect(ink.answer("tutorial")).toBeVisible();
  await page.mouse.move(box.x + 100, box.y + 200, { steps: 4 });
  await page.mouse.up();
  await expect(page.locator("#pad-state")).toHaveText("Strokes on the pad: 1.");
});

test("a finger draws instead of scrolling the page", async ({ ink, page }) => {
  await ink.open();
  const box = (await ink.pad.boundingBox())!;
  const browser = await page.context().newCDPSession(page);
  const touch = (type: "touchStart" | "touchMove", x: number, y: number) =>
    browser.send("Input.dispatchTouchEvent", { type, touchPoints: [{ x: box.x + x, y: box.y + y }] });

  await touch("touchStart", 200, 80);
  for (let y = 90; y <= 360; y += 10) await touch("touchMove", 200, y);
  await browser.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });

  await expect(page.locator("#pad-state")).toHaveText("Strokes on the pad: 1.");
  await expect(ink.answer("tutorial")).toBeVisible();
  expect(await page.evaluate(() => window.scrollY)).toBe(0);
});

test("a pen that is pressed harder draws a thicker line", async ({ ink, page }) => {
  await ink.open();
  const box = (await ink.pad.boundingBox())!;
  const browser = await page.context().newCDPSession(page);
  const inkOf = async (force: number): Promise<number> => {
    await page.keyboard.press("Delete");
    const pen = { button: "left", buttons: 1, clickCount: 1, pointerType: "pen", force } as const;
    const at = (y: number) => ({ x: box.x + 200, y: box.y + y, ...pen });
    await browser.send("Input.dispatchMouseEvent", { type: "mousePressed", ...at(80) });
    for (let y = 90; y <= 360; y += 10)
      await browser.send("Input.dispatchMouseEvent", { type: "mouseMoved", ...at(y) });
    await browser.send("Input.dispatchMouseEvent", { type: "mouseReleased", ...at(360), buttons: 0 });
    await expect(page.locator("#pad-state")).toHaveText("Strokes on the pad: 1.");
    return ink.inkOnPad();
  };

  const light = await inkOf(0.2);
  const hard = await inkOf(0.9);

  expect(hard).toBeGreaterThan(1.3 * light);
});

test("undo, redo, eraser and clear", async ({ ink, page }) => {
  await ink.open();
  await ink.draw(ONE);
  const one = await ink.inkOnPad();
  await ink.draw(SEVEN);
  const two = await ink.inkOnPad();
  expect(two).toBeGreaterThan(one);
  await page.getByRole("button", { name: "Undo" }).click();
  expect(await ink.inkOnPad()).toBe(one);
  await page.keyboard.press("Control+y");
  await ink.pad.focus();
  await page.keyboard.press("Control+y");
  expect(await ink.inkOnPad()).toBe(two);
  await page.getByRole("button", { name: "Eraser" }).click();
  await ink.draw([
    [0, 112],
    [224, 112],
  ]);
  expect(await ink.inkOnPad()).toBeLessThan(two);
  await page.getByRole("button", { name: "Clear" }).click();
  expect(await ink.inkOnPad()).toBe(0);
  await expect(ink.card("tutorial")).toContainText("Draw something");
});

test("arrow keys nudge by one pixel of the network; turning, growing and thickening change what it sees", async ({
  ink,
  page,
}) => {
  await ink.open();
  await ink.draw(ONE);
  await expect(ink.answer("tutorial")).toHaveText("1");
  const [left = 0, top = 0, right = 0, bottom = 0] = await ink.seenBox();
  await ink.pad.focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowUp");
  await expect.poll(() => ink.seenBox()).toEqual([left + 1, top - 1, right + 1, bottom - 1]);
  for (let turn = 0; turn < 9; turn += 1) await page.keyboard.press("]");
  await expect
    .poll(async () => (await ink.seenBox())[2]! - (await ink.seenBox())[0]!)
    .toBeGreaterThan(right - left + 4);
  const before = await ink.inkOnPad();
  await page.getByRole("button", { name: "Thicken" }).click();
  expect(await ink.inkOnPad()).toBeGreaterThan(before);
  await page.getByRole("button", { name: "Shrink" }).click();
  await page.getByRole("button", { name: "Move left" }).click();
  await expect(ink.answer("tutorial")).toBeVisible();
});

test("dragging in move mode moves the drawing", async ({ ink, page }) => {
  await ink.open();
  await ink.draw(ONE);
  await expect(ink.answer("tutorial")).toHaveText("1");
  const [left = 0] = await ink.seenBox();
  await page.getByRole("button", { name: "Move, turn, resize" }).click();
  await ink.draw([
    [114, 120],
    [138, 120],
  ]);
  await expect.poll(async () => (await ink.seenBox())[0]).toBe(left + 3);
  await expect(page.locator("#pad-state")).toHaveText("Strokes on the pad: 1.");
});

test("drawing by keyboard alone", async ({ ink, page }) => {
  await ink.open();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(ink.pad).toBeFocused();
  await page.keyboard.press("Enter");
  for (let step = 0; step < 8; step += 1) await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Space");
  for (let step = 0; step < 16; step += 1) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Space");
  await page.keyboard.press("Escape");
  await expect(ink.answer("tutorial")).toHaveText("1");
  await expect(page.getByTestId("spoken")).toContainText("tutorial, As drawn: 1,");
  await page.keyboard.press("F1");
  await expect(page.getByRole("dialog")).toContainText("lower or lift the keyboard pen");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
});

test("another test digit comes by button and by key, each time a different one", async ({ ink, page }) => {
  await ink.open();
  await page.getByRole("button", { name: "Another 7 from the test images" }).click();
  await expect(ink.answer("tutorial")).toHaveText("7");
  const first = page.url();
  await ink.pad.focus();
  await page.keyboard.press("7");
  await expect.poll(() => page.url()).not.toBe(first);
  await expect(ink.answer("tutorial")).toHaveText("7");
  await page.getByRole("button", { name: "Thicken" }).click();
  await expect(ink.answer("tutorial")).toBeVisible();
});

test.describe("images from outside", () => {
  test.use({ isStrict: false }); // the browser notes a refused image as an error

  test("an image dropped on the pad is read, and one that is no image says so", async ({ ink, page }) => {
    await ink.open();
    const drop = async (isPicture: boolean) => {
      const transfer = await page.evaluateHandle(async (isPicture) => {
        const canvas = document.createElement("canvas");
        canvas.width = canvas.height = 200;
        const context = canvas.getContext("2d")!;
        context.fillStyle = "#fff";
        context.fillRect(0, 0, 200, 200);
        context.fillStyle = "#111";
        context.fillRect(92, 30, 16, 140);
        const picture = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
        const transfer = new DataTransfer();
        transfer.items.add(new File([isPicture ? picture! : "no picture"], "one.png", { type: "image/png" }));
        return transfer;
      }, isPicture);
      await ink.pad.dispatchEvent("drop", { dataTransfer: transfer });
    };
    await drop(true);
    await expect(ink.answer("tutorial")).toHaveText("1");
    await expect(page.locator("#pad-state")).toHaveText("An image lies on the pad.");
    await drop(false);
    await expect(page.locator(".notice")).toContainText("The image could not be read");
    await expect(ink.answer("tutorial")).toHaveText("1");
  });
});
