import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    // Straight from this checkout's sources: nothing to publish, nothing to build first.
    alias: { "tauri-plugin-transom-api": here("../../../js/src/index.ts") },
    // Those sources find the one copy of Tauri's API that is installed here.
    dedupe: ["@tauri-apps/api"],
  },
  build: {
    target: "es2022",
    // The Content-Security-Policy allows no inline module preloads, and WebKit needs no polyfill.
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: [here("index.html"), here("editor.html"), here("tasks.html")],
    },
  },
});
