const { pytauri } = (window as any).__TAURI__;
export const save = (text: string) => pytauri.pyInvoke("save", { text });
export const log = () => window["__TAURI__"]?.pytauri?.pyInvoke("log");
export const other = () => window.__TAURI__["pytauri"].pyInvoke("log");
