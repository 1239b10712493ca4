/** What `withGlobalTauri` puts on the page: this package as `window.__TAURI__.transom`. */
import * as api from "./index.js";

const { __TAURI__: tauri } = window as unknown as { __TAURI__?: { transom?: typeof api } };
if (tauri !== undefined) tauri.transom = { ...api };
