/** The first five minutes: a network that answers, and moves, while it learns. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, ONE, test } from "./harness";
import { findFreePort, INKPROOF, InkproofServer } from "./server";

test("before there is a network the page says how to get one, and bars move while one learns", async ({
  ink,
  page,
}) => {
  test.setTimeout(120_000);
  const runsDir = mkdtempSync(join(tmpdir(), "inkproof-e2e-"));
  const server = new InkproofServer(await findFreePort(), runsDir);
  await server.start();
  await page.goto(server.url);
  await expect(page.getByRole("heading", { name: "There is no network yet" })).toBeVisible();
  const training = spawn(INKPROOF, ["train", "tutorial", "--runs-dir", runsDir, "--quiet"], {
    stdio: "ignore",
  });
  try {
    await expect(ink.card("tutorial")).toBeVisible({ timeout: 60_000 });
    await expect(ink.card("tutorial").getByRole("progressbar")).toBeVisible({ timeout: 60_000 });
    await ink.draw(ONE);
    await expect(ink.answer("tutorial")).toBeVisible({ timeout: 60_000 });
    const bars = () => ink.card("tutorial").locator(".share").allInnerTexts();
    const first = await bars();
    await expect.poll(bars, { timeout: 30_000 }).not.toEqual(first);
    await expect(ink.card("tutorial")).toContainText("learning");
  } finally {
    const ended = new Promise((resolve) => training.once("exit", resolve));
    training.kill("SIGKILL");
    await ended;
    await server.stop();
    rmSync(runsDir, { recursive: true, force: true });
  }
});
