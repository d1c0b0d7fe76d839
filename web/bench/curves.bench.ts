/**
 * Whether the page stays smooth while it draws: 50 runs that learn at once, 10,000 measurements each, four charts,
 * smoothed, so that every curve is drawn twice; on the real server, while measurements arrive twice a second.
 * The time between two frames of the browser, and the processor time of each task of the page.
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "../e2e/harness";
import { findFreePort, INKPROOF, InkproofServer, RUNS_DIR } from "../e2e/server";

const NUM_RUNS = Number(process.env.CURVES ?? 50);
const NUM_ROWS = 10_000;
const WATCH_MS = Number(process.env.WATCH_SECONDS ?? 20) * 1000;
const RESULTS = process.env.RESULTS ?? fileURLToPath(new URL("../../benchmarks/results", import.meta.url));
const FEED = fileURLToPath(new URL("feed-runs.py", import.meta.url));

test("curves", async ({ ink, page, browser }) => {
  void ink;
  const runsDir = mkdtempSync(join(tmpdir(), "inkproof-bench-"));
  const python = INKPROOF.replace(/inkproof$/, "python");
  const feed = spawn(python, [FEED, runsDir, `${RUNS_DIR}/softmax`, String(NUM_RUNS), String(NUM_ROWS)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const server = new InkproofServer(await findFreePort(), runsDir);
  try {
    await new Promise((resolve) => feed.stdout.once("data", resolve));
    await server.start();
    const names = Array.from({ length: NUM_RUNS }, (_, index) => `run-${String(index).padStart(2, "0")}`);
    const asked = performance.now();
    await page.goto(`${server.url}/#view=train&smooth=0.9&curves=${names.join(",")}`);
    const loss = page.getByRole("application", { name: /^Loss/ });
    await expect(loss).toHaveAccessibleName(new RegExp(`And ${NUM_RUNS - 5} more`), { timeout: 60_000 });
    const shown_seconds = (performance.now() - asked) / 1000;
    await page.waitForTimeout(3000);

    const steps = async () =>
      Number((await loss.getAttribute("aria-label"))!.match(/ at ([\d,]+)\./)![1]!.replace(",", ""));
    const before = await steps();
    await browser.startTracing(page, { categories: ["toplevel", "devtools.timeline"] });
    const frames = await page.evaluate(async (duration) => {
      const frames: number[] = [];
      let last = await new Promise<number>(requestAnimationFrame);
      const end = last + duration;
      while (last < end) {
        const now = await new Promise<number>(requestAnimationFrame);
        frames.push(now - last);
        last = now;
      }
      return frames;
    }, WATCH_MS);
    const tasks = readTasks(await browser.stopTracing());
    const after = await steps();
    expect(after).toBeGreaterThan(before); // points did arrive

    const figures = {
      benchmark: "curves",
      command: "npm run bench",
      date: new Date().toISOString().slice(0, 10),
      machine: { processor: cpus()[0]?.model, cores: cpus().length },
      browser: `Chromium ${browser.version()}, without a graphics card`,
      num_runs: NUM_RUNS,
      num_points_a_curve: NUM_ROWS,
      num_charts: 4,
      watched_seconds: WATCH_MS / 1000,
      num_points_arrived: ((after - before) / 5) * NUM_RUNS,
      shown_seconds: Math.round(shown_seconds * 10) / 10,
      frame_ms: summarise(frames),
      late_frames_fraction: frames.filter((frame) => frame > 17.5).length / frames.length,
      // Processor time of the page's own thread: what the page costs, whoever else wants the processor.
      task_over_1_ms: summarise(tasks.filter((task) => task > 1)),
      busy_fraction: tasks.reduce((sum, task) => sum + task, 0) / WATCH_MS,
    };
    mkdirSync(RESULTS, { recursive: true });
    writeFileSync(`${RESULTS}/curves.json`, JSON.stringify(figures, null, 2) + "\n");
    console.log(figures);
  } finally {
    feed.stdin.end();
    await page.goto("about:blank"); // nobody is to miss the server
    await server.stop();
    feed.kill("SIGKILL");
    rmSync(runsDir, { recursive: true, force: true });
  }
});

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  tdur?: number;
  args: { name?: string };
}

/** Processor time of each task of the page's thread, in milliseconds. */
function readTasks(trace: Buffer): number[] {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const ofThread = (one: TraceEvent) =>
    traceEvents.filter(({ pid, tid }) => pid === one.pid && tid === one.tid);
  const threads = traceEvents
    .filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain")
    .map(ofThread);
  const page = threads.toSorted((one, other) => other.length - one.length)[0] ?? [];
  return page
    .filter(({ name, ph }) => ph === "X" && name.endsWith("RunTask"))
    .map(({ tdur }) => (tdur ?? 0) / 1000);
}

function summarise(values: number[]) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
  return { n: values.length, median: at(0.5), p90: at(0.9), p99: at(0.99), most: sorted.at(-1) ?? null };
}
