/** Adds this package to the page as `window.__TAURI__.transom`, where `withGlobalTauri` is set. */
import * as api from "./index.js";

const { __TAURI__: tauri } = window as unknown as { __TAURI__?: { transom?: typeof api } };
if (tauri !== undefined) tauri.transom = { ...api };
