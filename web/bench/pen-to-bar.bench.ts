/**
 * From a movement of the pen to the change of a bar, on the real server, two networks and their edge maps.
 * The time from the browser's pointer event to the change in the page, and to the frame after it.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { test } from "../e2e/harness";

const NUM_MOVEMENTS = Number(process.env.MOVEMENTS ?? 200);
const RESULTS = process.env.RESULTS ?? fileURLToPath(new URL("../../benchmarks/results", import.meta.url));

interface Watched extends Window {
  moved: number | null;
  lags: { bar: number; frame: number }[];
}

test("pen to bar", async ({ ink, page, browser }) => {
  await ink.open();
  await page.evaluate(() => {
    const watched = window as unknown as Watched;
    watched.moved = null;
    watched.lags = [];
    document
      .querySelector("#pad")!
      .addEventListener("pointermove", (event) => (watched.moved ??= event.timeStamp), {
        capture: true,
      });
    new MutationObserver((changes) => {
      const moved = watched.moved;
      if (moved === null || !changes.some(({ target }) => (target as Element).classList?.contains("bar")))
        return;
      watched.moved = null;
      const bar = performance.now() - moved;
      requestAnimationFrame(() => watched.lags.push({ bar, frame: performance.now() - moved }));
    }).observe(document.body, { subtree: true, attributes: true, attributeFilter: ["style"] });
  });
  const box = (await ink.pad.boundingBox())!;
  const place = (share: number): [number, number] => [
    box.x + box.width * (0.5 + 0.3 * Math.sin(share * 7)),
    box.y + box.height * (0.2 + 0.6 * share),
  ];
  await page.mouse.move(...place(0));
  await page.mouse.down();
  for (let number = 1; number <= NUM_MOVEMENTS; number++) {
    await page.mouse.move(...place(number / NUM_MOVEMENTS));
    // A movement that changes no bar (its pixels lie under ink) is let go after a second.
    await page
      .waitForFunction(() => (window as unknown as Watched).moved === null, null, { timeout: 1000 })
      .catch(() => page.evaluate(() => ((window as unknown as Watched).moved = null)));
  }
  await page.mouse.up();
  await page.waitForTimeout(500);
  const lags = await page.evaluate(() => (window as unknown as Watched).lags);
  const figures = {
    benchmark: "pen-to-bar",
    command: "npm run bench",
    date: new Date().toISOString().slice(0, 10),
    machine: { processor: cpus()[0]?.model, cores: cpus().length },
    browser: `Chromium ${browser.version()}`,
    networks: ["tutorial", "softmax"],
    num_movements: NUM_MOVEMENTS,
    pen_to_bar_ms: summarise(lags.map(({ bar }) => bar)),
    pen_to_frame_ms: summarise(lags.map(({ frame }) => frame)),
  };
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(`${RESULTS}/pen-to-bar.json`, JSON.stringify(figures, null, 2) + "\n");
  console.log(figures);
});

function summarise(values: number[]) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
  return { n: values.length, median: at(0.5), p90: at(0.9), p99: at(0.99) };
}
