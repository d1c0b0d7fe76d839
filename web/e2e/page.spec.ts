/** What surrounds the drawing: networks, time machine, sharing, languages, phone, access, a lost server. */
import { readFileSync } from "node:fs";
import { expect, expectAccessible, ONE, SEVEN, test } from "./harness";
import { findFreePort, InkproofServer } from "./server";

test("the time machine asks the networks as they were, and plays the training", async ({ ink, page }) => {
  await ink.open();
  await ink.draw(ONE);
  await expect(ink.answer("tutorial")).toHaveText("1");
  const slider = page.getByRole("slider", { name: "Training step" });
  await slider.focus();
  await page.keyboard.press("Home");
  await expect(slider).toHaveAttribute("aria-valuetext", "step 0");
  await expect(ink.card("tutorial")).toContainText("step 0");
  await expect(ink.card("softmax").locator(".share").first()).toHaveText(/10\s%/); // untrained: all alike
  await expect(ink.card("softmax").getByRole("img", { name: /units of softmax at step 0/ })).toBeVisible();
  await page.getByRole("button", { name: "Play the training" }).click();
  await expect(slider).not.toHaveAttribute("aria-valuetext", "step 0");
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("slider", { name: "Training step" }).press("End");
  await expect(ink.answer("tutorial")).toHaveText("1");
});

test("drawn and centred stand side by side, each with what the network sees", async ({ ink, page }) => {
  await ink.open();
  await ink.draw(SEVEN);
  await page.getByRole("radio", { name: "Both" }).check();
  await expect(ink.answer("tutorial", "drawn")).toBeVisible();
  await expect(ink.answer("tutorial", "centred")).toHaveText("7");
  await expect(page.getByRole("img", { name: /28 × 28 pixels/ })).toHaveCount(2);
});

test("networks are chosen from all runs, and say what they are", async ({ ink, page }) => {
  await ink.open();
  await ink.card("tutorial").getByText("About this network").click();
  await expect(ink.card("tutorial")).toContainText("3,224,202");
  await expect(ink.card("tutorial")).toContainText("95 % interval");
  await page.getByRole("button", { name: /^Networks/ }).click();
  for (const name of ["softmax", "robust"]) {
    await page.getByRole("checkbox", { name }).uncheck();
    await expect(ink.card(name)).toHaveCount(0);
  }
  await page.keyboard.press("Escape");
  await ink.draw(ONE);
  await expect(page.getByRole("heading", { name: "Reads 1" })).toBeVisible();
});

test("a shared link shows the same picture to someone else", async ({ ink, page, browser, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await ink.open();
  await ink.draw(SEVEN);
  await page.getByRole("radio", { name: "Both" }).check();
  await page.getByRole("button", { name: "中文" }).click();
  await expect(ink.answer("tutorial", "centred")).toHaveText("7");
  await page.getByRole("button", { name: "分享" }).click();
  await page.getByRole("button", { name: "复制链接" }).click();
  await expect(page.getByText("链接已复制")).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());

  const other = await (await browser.newContext({ viewport: { width: 1366, height: 768 } })).newPage();
  await other.goto(link);
  await expect(other.getByRole("radio", { name: "两者" })).toBeChecked();
  const bars = (where: typeof page) => where.locator(".share").allInnerTexts();
  await expect.poll(() => bars(other)).toEqual(await bars(page));
  await other.close();
});

test("the drawing is taken away as PNG, SVG and JSON", async ({ ink, page }) => {
  await ink.open();
  await ink.draw(ONE);
  await page.getByRole("button", { name: "Share" }).click();
  for (const [kind, start] of [
    ["PNG", "\u0089PNG"],
    ["SVG", "<svg"],
    ["JSON", '{"size":224'],
  ] as const) {
    const coming = page.waitForEvent("download");
    await page.getByRole("button", { name: `Download ${kind}` }).click();
    const download = await coming;
    expect(download.suggestedFilename()).toBe(`inkproof-drawing.${kind.toLowerCase()}`);
    expect(readFileSync(await download.path(), "latin1").startsWith(start)).toBe(true);
  }
});

test("on a phone the pad comes first, nothing is cut off, and cards are swiped", async ({ ink, page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await ink.open();
  await ink.draw(SEVEN);
  await expect(ink.answer("tutorial")).toBeVisible();
  const box = (await ink.pad.boundingBox())!;
  expect(box.width).toBeGreaterThan(350);
  expect(box.y + box.height).toBeLessThan(600);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await ink.card("softmax").scrollIntoViewIfNeeded();
  await expect(ink.answer("softmax")).toBeInViewport();
});

test("on a laptop all is seen without scrolling, and nothing moves when answers come", async ({
  ink,
  page,
}) => {
  await ink.open();
  const boxes = () =>
    page.locator("#pad, article, article h3, .columns, .time").evaluateAll((elements) =>
      elements.map((element) => {
        const { x, y, width, height } = element.getBoundingClientRect();
        return [x, y, width, height].map(Math.round);
      }),
    );
  await expect(page.getByRole("img", { name: /filters of the first layer of tutorial/ })).toBeVisible();
  await expect(page.getByRole("img", { name: /filters of the first layer of robust/ })).toBeVisible();
  const before = await boxes();
  await ink.draw(SEVEN);
  await expect(ink.map("softmax")).toBeVisible();
  expect(await boxes()).toEqual(before);
  expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBeLessThanOrEqual(768);
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const state of ["empty", "drawn", "menus", "help"] as const) {
    test(`axe finds nothing on the page: ${state}, ${colorScheme}`, async ({ ink, page }) => {
      await page.emulateMedia({ colorScheme });
      await ink.open();
      if (state !== "empty") {
        await ink.draw(SEVEN);
        await page.getByRole("radio", { name: "Both" }).check();
        await expect(ink.map("softmax")).toBeVisible();
        await ink.card("tutorial").getByText("As a table").click();
        await ink.card("tutorial").getByText("About this network").click();
      }
      if (state === "menus") await page.getByRole("button", { name: /^Networks/ }).click();
      if (state === "help") await page.keyboard.press("F1");
      await expectAccessible(page);
    });
  }
}

test("both languages are whole, and the theme is kept", async ({ ink, page }) => {
  await ink.open();
  // The Chinese of what the server says is fetched by the Chinese page alone.
  const fetched = page.waitForResponse(/messages-[\w-]+\.js$/);
  await page.getByRole("button", { name: "中文" }).click();
  expect((await fetched).status()).toBe(200);
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
  const text = await page.locator("body").innerText();
  const english = text
    .match(/[A-Za-z]{3,}/g)
    ?.filter((word) => !["Inkproof", "tutorial", "softmax", "robust"].includes(word));
  expect(english ?? []).toEqual([]);
  await expect.poll(() => page.url()).toContain("lang=zh");
  await page.getByRole("button", { name: /^配色/ }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
});

test.describe("a lost server", () => {
  test.use({ isStrict: false });

  test("that cannot give a view says so, and the page is loaded again", async ({ ink, page }) => {
    await page.route("**/assets/Compare-*.js", (route) => route.abort());
    await ink.open();
    await page.getByRole("button", { name: "Compare", exact: true }).click();
    await expect(page.getByRole("alert")).toContainText("This view could not be loaded");
    await expectAccessible(page);
    await page.unroute("**/assets/Compare-*.js");
    await page.getByRole("button", { name: "Load again" }).click();
    await expect(page.locator("main").getByRole("heading").first()).toBeVisible();
  });

  test("is told, keeps the drawing, and answers again when it is back", async ({ ink, page }) => {
    const server = new InkproofServer(await findFreePort());
    await server.start();
    try {
      await page.goto(server.url);
      await ink.draw(ONE);
      await expect(ink.answer("tutorial")).toHaveText("1");
      await server.stop();
      await expect(page.getByRole("status").first()).toContainText("The server does not answer");
      await ink.draw(SEVEN);
      expect(await ink.inkOnPad()).toBeGreaterThan(1000);
      await server.start();
      await expect(page.locator(".notice")).toHaveCount(0);
      await page.getByRole("button", { name: "Undo" }).click();
      await expect(ink.answer("tutorial")).toHaveText("1");
    } finally {
      await server.stop();
    }
  });
});
