import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [svelte()],
  build: {
    outDir: "../api/_web",
    emptyOutDir: true,
    // The pages are served under a strict Content-Security-Policy: nothing inline, no polyfill that injects.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The first releases with `light-dark()`, all from 2023 or 2024.
    target: ["chrome123", "firefox121", "safari17.5"],
    // MapLibre is one library of about 1 MB; it loads after the first riders show.
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      input: { index: "index.html", track: "track.html" },
    },
  },
  worker: { format: "es" },
  // `npm run dev` beside a running `peakline demo`.
  server: {
    proxy: Object.fromEntries(
      ["/city", "/clock", "/orders", "/riders", "/fleet", "/summary", "/incidents", "/live", "/track/"].map(
        (path) => [path, { target: "http://127.0.0.1:8000", ws: path === "/live" }],
      ),
    ),
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
