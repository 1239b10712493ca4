/**
 * For pages written for PyTauri: the same `pyInvoke`, but it rejects with bare message strings,
 * whatever the rest of the page is configured to.
 *
 * @module
 */
import type { InvokeOptions } from "./call.js";
import { client } from "./client.js";

export type { InvokeOptions } from "./call.js";

/** As `pyInvoke` of `tauri-plugin-transom-api`; rejects with a string. */
export function pyInvoke<T>(command: string, body?: unknown, options?: InvokeOptions): Promise<T> {
  return client().call(command, body, options, { errors: "string" }) as Promise<T>;
}
