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
  server: {
    proxy: {
      "/api": {
        target: process.env.INKPROOF_SERVER ?? "http://127.0.0.1:8420",
        // The server takes writes from its own page only, and this one comes from another port.
        configure: (proxy) =>
          proxy.on("proxyReq", (request) => {
            for (const name of ["origin", "sec-fetch-site"]) request.removeHeader(name);
          }),
      },
    },
  },
  test: { include: ["src/**/*.test.ts"], setupFiles: "vitest.setup.ts" },
});
