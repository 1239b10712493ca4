/**
 * Provides `pyInvoke` for pages that were written for PyTauri: it rejects with bare message
 * strings, whatever the rest of the page is configured to.
 *
 * @module
 */
import type { InvokeOptions } from "./call/options.js";
import { client } from "./client.js";
import type { PyCall } from "./call/released.js";

export type { InvokeOptions } from "./call/options.js";
export type { PyCall, Released } from "./call/released.js";

/** Like `pyInvoke` of `tauri-plugin-transom-api`, but rejects with a string. */
export function pyInvoke<T>(command: string, body?: unknown, options?: InvokeOptions): PyCall<T> {
  return client().call(command, body, options, { errors: "string" }) as PyCall<T>;
}
