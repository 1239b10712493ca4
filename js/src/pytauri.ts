/**
 * Provides what pages import that were written for PyTauri: `pyInvoke`, which rejects with bare
 * message strings, whatever the rest of the page is configured to, and `rawPyInvoke` and `Channel`
 * as PyTauri had them until 0.6.
 *
 * @module
 */
import { Channel as TauriChannel } from "@tauri-apps/api/core";
import type { InvokeOptions } from "./call/options.js";
import { client } from "./client.js";
import type { PyCall } from "./call/released.js";

export type { InvokeOptions } from "./call/options.js";
export type { PyCall, Released } from "./call/released.js";

/** Like `pyInvoke` of `tauri-plugin-transom-api`, but rejects with a string. */
export function pyInvoke<T>(command: string, body?: unknown, options?: InvokeOptions): PyCall<T> {
  return client().call(command, body, options, { errors: "string" }) as PyCall<T>;
}

/** Like {@link pyInvoke}, but gives bytes: of a result that is JSON, those of its text. */
export async function rawPyInvoke(
  command: string,
  body?: ArrayBuffer | ArrayBufferView,
  options?: InvokeOptions,
): Promise<ArrayBuffer> {
  const result = await pyInvoke<unknown>(command, body, options);
  return result instanceof ArrayBuffer ? result : new TextEncoder().encode(JSON.stringify(result)).buffer;
}

/** Tauri's `Channel` with one method more. New pages import that one, and set its `onmessage`. */
export class Channel<T = unknown> extends TauriChannel<ArrayBuffer> {
  /** Makes `handler` the one that gets each message, read as JSON where it comes as bytes. */
  addJsonListener(handler: (message: T) => void): void {
    this.onmessage = (message: unknown) => {
      const isText = message instanceof ArrayBuffer;
      handler((isText ? JSON.parse(new TextDecoder().decode(message)) : message) as T);
    };
  }
}
