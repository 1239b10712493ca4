/**
 * Adds this package to the page as `window.__TAURI__.transom`, where `withGlobalTauri` is set, and
 * as `window.__TAURI__.pytauri` for pages that were written for PyTauri.
 */
import * as api from "./index.js";
import * as pytauri from "./pytauri.js";

interface Global {
  transom?: typeof api;
  pytauri?: typeof pytauri;
}

const { __TAURI__: tauri } = window as unknown as { __TAURI__?: Global };
if (tauri !== undefined) {
  tauri.transom = { ...api };
  let told = false;
  tauri.pytauri ??= {
    ...pytauri,
    pyInvoke(...args) {
      if (!told) console.warn("window.__TAURI__.pytauri is called window.__TAURI__.transom here");
      told = true;
      return pytauri.pyInvoke(...args);
    },
  };
}
