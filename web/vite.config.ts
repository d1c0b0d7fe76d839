import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

// The page is built into the package, so that `inkproof serve` needs no Node.
export default defineConfig({
  plugins: [svelte()],
  build: {
    outDir: "../src/inkproof/server/static",
    emptyOutDir: true,
    // The server forbids data: addresses: every asset is a file of its own.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/api": process.env.INKPROOF_SERVER ?? "http://127.0.0.1:8420" } },
  test: { include: ["src/**/*.test.ts"] },
});
