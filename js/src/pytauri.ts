/**
 * For pages written for PyTauri: the same `pyInvoke`, but it rejects with bare message strings,
 * whatever the rest of the page is configured to.
 *
 * @module
 */
import type { InvokeOptions } from "./call.js";
import { client } from "./client.js";
import type { PyCall } from "./released.js";

export type { InvokeOptions } from "./call.js";
export type { PyCall, Released } from "./released.js";

/** As `pyInvoke` of `tauri-plugin-transom-api`; rejects with a string. */
export function pyInvoke<T>(command: string, body?: unknown, options?: InvokeOptions): PyCall<T> {
  return client().call(command, body, options, { errors: "string" }) as PyCall<T>;
}
