import { defineConfig } from "@playwright/test";

// One worker: the tests share one real server with really trained networks, which has better to do than to be raced.
export default defineConfig({
  testDir: "e2e",
  globalSetup: "./e2e/train.ts",
  workers: 1,
  timeout: 30_000,
  expect: { timeout: 8_000 },
  forbidOnly: true,
  reporter: [["list"]],
  outputDir: "test-results",
  use: {
    locale: "en-US",
    viewport: { width: 1366, height: 768 },
    reducedMotion: "reduce",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
