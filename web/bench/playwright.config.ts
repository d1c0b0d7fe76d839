/** `npm run bench`: measures, tests nothing, and is no part of `make test`. */
import { defineConfig } from "@playwright/test";
import tests from "../playwright.config";

export default defineConfig({
  ...tests,
  testDir: ".",
  testMatch: "*.bench.ts",
  globalSetup: "../e2e/train.ts",
  timeout: 180_000,
  outputDir: "../test-results",
});
