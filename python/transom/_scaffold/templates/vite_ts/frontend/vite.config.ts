import { defineConfig } from "vite";

export default defineConfig({
  // The port that `devUrl` in Tauri.toml names: another one would not do.
  server: { port: 5173, strictPort: true },
  build: {
    outDir: "../hello_app/frontend",
    emptyOutDir: true,
    // The webviews of all systems need none, and the pages' policy allows no inline script.
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ["index.html", "pulse.html"] },
  },
});
