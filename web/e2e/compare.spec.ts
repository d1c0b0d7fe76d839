/** Comparing runs: the verdict over really trained seeds, the images behind a cell, one of them on the pad. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { expect, expectAccessible, test as base } from "./harness";
import { findFreePort, INKPROOF, InkproofServer, RUNS_DIR } from "./server";

const FOLDER = `${RUNS_DIR}-compared`;
const RATES = { slow: "0.05", fast: "0.5" } as const;
const SEEDS = [0, 1, 2];
const ALL = Object.keys(RATES).flatMap((name) => SEEDS.map((seed) => `${name}-seed-${seed}`));

/** Three trainings of a moment for each setting, kept for the next time. */
function trainOnce(): void {
  for (const [name, rate] of Object.entries(RATES)) {
    const last = `${FOLDER}/${name}-seed-2/run.json`;
    if (existsSync(last) && JSON.parse(readFileSync(last, "utf-8")).status === "finished") continue;
    const changes = ["steps=200", "tensorboard=false", `learning_rate=${rate}`];
    const options = ["--name", name, "--seeds", "3", "--runs-dir", FOLDER, "--quiet"];
    const settings = changes.flatMap((change) => ["--set", change]);
    execFileSync(INKPROOF, ["train", "softmax", ...options, ...settings], { stdio: "inherit" });
  }
}

const test = base.extend<object, { server: InkproofServer }>({
  server: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      trainOnce();
      const server = new InkproofServer(await findFreePort(), FOLDER);
      await server.start();
      await use(server);
      await server.stop();
    },
    { scope: "worker", timeout: 180_000 },
  ],
});

test("several seeds of two settings come to a verdict in words", async ({ page, server }) => {
  await page.goto(`${server.url}/#view=compare&compare=${ALL}`);
  const verdict = page.getByRole("region", { name: "Verdict" });
  await expect(verdict).toContainText(
    /learning_rate 0\.05 → 0\.5 \(×10\): better by \d\.\d\d ± \d\.\d\d points \(95 %; 3 seeds each, the same ones\)\./,
  );
  const rows = page.getByRole("region", { name: "Accuracy and cost" }).getByRole("row");
  await expect(rows).toHaveCount(3);
  await expect(rows.nth(2)).toContainText("better");
  await expect(rows.nth(2)).toContainText("20,000");
  const differing = page.getByRole("region", { name: "What differs" }).first();
  await expect(differing.getByRole("row")).toHaveCount(2); // the one setting, and the head
  await page.getByRole("button", { name: "中文" }).click();
  await expect(page.getByRole("region", { name: "结论" })).toContainText(/高 \d\.\d\d ± \d\.\d\d 个百分点/);
});

test("several seeds are one curve where they learn, until they are drawn apart", async ({ page, server }) => {
  await page.goto(`${server.url}/#view=train&curves=${ALL}`);
  const loss = page.getByRole("application", { name: /^Loss/ });
  await expect(loss).toHaveAccessibleName(
    /slow-seed-0 … slow-seed-2 \(3 seeds\): [\d.]+ at 200\. fast-seed-0 … /,
  );
  const figure = page.locator("figure").filter({ has: loss });
  await figure.getByText("As a table").click();
  await expect(figure.getByRole("row").nth(2).getByRole("cell").first()).toContainText(
    /[\d.]+ \([\d.]+–[\d.]+\)/,
  );
  await expectAccessible(page);
  await page.getByRole("button", { name: "Seeds as one" }).click();
  await expect(loss).toHaveAccessibleName(/slow-seed-0: [\d.]+ at 200\. slow-seed-1: /);
  await expect.poll(() => page.url()).toContain("seeds=apart");
});

test("of one training each nothing is claimed about the setting", async ({ page, server }) => {
  await page.goto(`${server.url}/#view=compare&compare=slow-seed-1,fast-seed-1`);
  const verdict = page.getByRole("region", { name: "Verdict" });
  await expect(verdict).toContainText("These two networks differ: ‘fast-seed-1’ reads");
  await expect(verdict).toContainText("needs more seeds: one training each cannot tell");
  await expect(page.getByRole("row", { name: /fast-seed-1/ }).first()).toContainText(
    "the two networks alone",
  );
});

test("runs are chosen from the list, by groups and one by one", async ({ page, server }) => {
  await page.goto(`${server.url}/#view=compare&compare=`);
  await expect(page.getByRole("heading", { name: "Choose two or more runs" })).toBeVisible();
  await page.getByRole("checkbox", { name: /learning_rate 0\.05/ }).check();
  await expect(page.getByRole("region", { name: "Verdict" })).toContainText(
    "These 3 runs differ by nothing but their seed",
  );
  await page.getByRole("checkbox", { name: /^softmax · steps 200/ }).check();
  await expect(page.getByRole("region", { name: "Verdict" })).toContainText("better by");
  await page.getByRole("button", { name: "as baseline: softmax · steps 200" }).click();
  await expect(page.getByRole("region", { name: "Verdict" })).toContainText("worse by");
  await expect(page.getByRole("checkbox", { name: /^softmax · steps 200/ })).toBeFocused();
  await page.getByText("fast-seed-2 …").click();
  await page.getByRole("checkbox", { name: /^fast-seed-2/ }).uncheck();
  await expect(page.getByRole("region", { name: "Verdict" })).toContainText("2 and 3 seeds");
  await page.getByRole("searchbox").fill("0.05");
  await expect(page.getByRole("checkbox")).toHaveCount(1);
});

test("a cell opens its images, and one of them lies on the pad for both networks", async ({
  page,
  server,
}) => {
  await page.goto(`${server.url}/#view=compare&compare=${ALL}`);
  const section = page.getByRole("region", { name: "Where two networks answer otherwise" });
  await section.getByLabel("First", { exact: true }).selectOption("slow-seed-2");
  await section.getByLabel("Second", { exact: true }).selectOption("fast-seed-2");
  const cell = section.getByRole("button", { name: /^5, only the second: [\d,]+ images$/ });
  const count = Number((await cell.innerText()).replace(",", ""));
  expect(count).toBeGreaterThan(0);

  // by keyboard: the table is one stop, arrows walk
  await section.getByRole("button", { name: /^0, both right/ }).focus();
  for (let step = 0; step < 5; step += 1) await page.keyboard.press("ArrowDown");
  for (let step = 0; step < 2; step += 1) await page.keyboard.press("ArrowRight");
  await expect(cell).toBeFocused();
  await page.keyboard.press("Enter");

  await expect(section.getByRole("heading", { name: `images ${count}` })).toBeVisible();
  const images = section.getByRole("button", {
    name: /^A 5\. slow-seed-2 reads \d, .* fast-seed-2 reads 5, /,
  });
  await expect(images).toHaveCount(Math.min(24, count));
  await images.first().click();

  await expect(page.locator("#pad")).toBeFocused();
  const answer = (run: string) =>
    page.getByRole("article", { name: run, exact: true }).locator(".answer .class").first();
  await expect(answer("fast-seed-2")).toHaveText("5");
  await expect(answer("slow-seed-2")).toHaveText(/^[^5]$/);
  await page.goBack();
  await expect(section.getByRole("heading", { name: `images ${count}` })).toBeVisible();

  await section.getByRole("button", { name: "Answer by answer" }).click();
  await expect(section.getByRole("button", { name: /^3, 8: / })).toBeVisible();
});

test("on a phone nothing is cut off", async ({ page, server }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${server.url}/#view=compare&compare=${ALL}`);
  await expect(page.getByRole("region", { name: "Verdict" })).toContainText("better by");
  await expect(page.getByRole("grid")).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
});

test("fewer than two runs say what to do", async ({ page }) => {
  const server = new InkproofServer(await findFreePort(), `${RUNS_DIR}-none`);
  await server.start();
  try {
    await page.goto(`${server.url}/#view=compare`);
    await expect(page.getByRole("heading", { name: "Two finished runs are needed" })).toBeVisible();
    await expect(page.getByText("inkproof train softmax --seeds 3", { exact: true })).toBeVisible();
  } finally {
    await server.stop();
  }
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing on the comparison: ${colorScheme}`, async ({ page, server }) => {
    await page.emulateMedia({ colorScheme });
    await page.goto(`${server.url}/#view=compare&compare=${ALL}`);
    await page.getByRole("button", { name: /^5, only the second/ }).click();
    await expect(page.getByRole("heading", { name: /5, only the second: images/ })).toBeVisible();
    await page.getByText("As a table").first().click();
    await expectAccessible(page);
  });
}
