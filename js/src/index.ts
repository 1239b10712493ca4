/**
 * Calls Python commands of a Transom app from its windows.
 *
 * With `withGlobalTauri` the same functions are `window.__TAURI__.transom`.
 *
 * @module
 */
import type { InvokeOptions, PyStreamOptions } from "./call/options.js";
import { client, type ErrorStyle } from "./client.js";
import type { ExposedFunction } from "./session/expose.js";
import type { Job } from "./call/jobs.js";
import type { AttachOptions } from "./call/options.js";
import type { PyCall } from "./call/released.js";
import type { PyStream } from "./call/stream.js";

export type { InvokeOptions, Progress, PyStreamOptions } from "./call/options.js";
export type { ErrorStyle } from "./client.js";
export { ERROR_CODES, type ErrorCode } from "./codes.js";
export { InvokeError, type ErrorDetails, type InvokeErrorOptions } from "./errors.js";
export type { ExposedFunction } from "./session/expose.js";
export type { Job } from "./call/jobs.js";
export type { AttachOptions } from "./call/options.js";
export type { PyCall, Released } from "./call/released.js";
export type { PyStream } from "./call/stream.js";

/**
 * Calls a Python command.
 *
 * @param command Name of the command, any text of 1 to 256 bytes.
 * @param body What the command gets as `body`: an `ArrayBuffer` or a view of one goes as bytes,
 *   `undefined` as no body, everything else as JSON; what JSON would lose (a `Blob`, a `Map`, a promise,
 *   bytes inside an object) is refused. It is read now; changes made later do not count
 *   (only bytes that fill an `ArrayBuffer` should stay untouched until the call has settled).
 * @returns The command's result: parsed JSON, or an `ArrayBuffer` if the command returns `bytes`. It is a
 *   promise with one thing more: `released` tells how the work ended, which after an abort may be later.
 * @throws {@link InvokeError}, or `signal.reason` if the call was aborted by its signal. It always
 *   rejects, it never throws at the call.
 *
 * @example
 * ```ts
 * const greeting = await pyInvoke<string>("greet", { name: "Ada" });
 * ```
 */
export function pyInvoke<T>(command: string, body?: unknown, options?: InvokeOptions): PyCall<T> {
  return client().call(command, body, options) as PyCall<T>;
}

/**
 * Calls a Python command that returns `bytes`, with bytes or no body.
 *
 * @throws {@link InvokeError} as `pyInvoke`, and with the code `invalid-argument` for a body that is
 *   not binary, and (`details.started` is true) if the command returned JSON.
 *
 * @example
 * ```ts
 * const flipped = await rawPyInvoke("flip", new Uint8Array([1, 2, 3]));
 * ```
 */
export function rawPyInvoke(
  command: string,
  body?: ArrayBuffer | ArrayBufferView,
  options?: InvokeOptions,
): PyCall<ArrayBuffer> {
  return client().call(command, body, options, { bytesOnly: true }) as PyCall<ArrayBuffer>;
}

/**
 * Calls a Python command that is a generator, and gives its items as they come.
 *
 * The call is made now, as with `pyInvoke`. The generator runs ahead of the loop by at most 1,024
 * items or 256 KiB (see {@link PyStreamOptions.buffer}) and is closed when the loop is left, by
 * `break` as by a throw. Items are parsed JSON, or `ArrayBuffer`s if the command yields `bytes`.
 *
 * @param command Name of the command, any text of 1 to 256 bytes.
 * @param body As for {@link pyInvoke}.
 * @throws The loop throws, after the items before it, {@link InvokeError}; at once, when the call
 *   was aborted by its signal, `signal.reason`.
 *
 * @example
 * ```ts
 * for await (const line of pyStream<string>("tail", "app.log", { signal })) show(line);
 * ```
 */
export function pyStream<T>(command: string, body?: unknown, options?: PyStreamOptions): PyStream<T> {
  return client().stream(command, body, options) as PyStream<T>;
}

/**
 * The calls that went on when their page went, oldest first: those of this window, and those of
 * windows that it reaches by a scope entry `{"window": "…"}`, of commands that it may call.
 *
 * One that has ended is listed for 10 minutes more, as long as there is room for it.
 *
 * @throws {@link InvokeError}
 *
 * @example
 * ```ts
 * for (const job of await pyJobs()) console.log(job.command, job.state, job.progress?.done);
 * ```
 */
export function pyJobs(): Promise<Job[]> {
  return client().jobs();
}

/**
 * Gets the progress and the result of a job, also when it has ended before. It takes nothing away:
 * several pages may attach to one job.
 *
 * @param id As in {@link pyJobs}.
 * @throws {@link InvokeError}: the job's own; `invalid-argument` if there is no such job for this
 *   window; `payload-too-large` if it ended before and its result was too large to keep (16 MiB).
 *   `signal.reason` if its signal aborted it, which cancels the job.
 *
 * @example
 * ```ts
 * const [job] = await pyJobs();
 * const report = await pyAttach<Report>(job.id, { onProgress });
 * ```
 */
export function pyAttach<T>(id: number, options?: AttachOptions): PyCall<T> {
  return client().attach(id, options) as PyCall<T>;
}

/**
 * Lets Python call a function of this page: `await webview_window.call(name, arg)`.
 *
 * The function may be async. What it returns must be JSON, as a body that is not bytes; what it throws, Python gets as an error
 * with its name and message. Exposing a name again replaces its function.
 *
 * @returns Takes the function back (not one that replaced it).
 *
 * @example
 * ```ts
 * const unexpose = expose("askUser", async (question: string) => confirm(question));
 * ```
 */
export function expose(name: string, fn: ExposedFunction): () => void {
  return client().expose(name, fn);
}

export interface Configuration {
  /**
   * How calls made from now on reject: with an `InvokeError` (`"object"`, the default) or with its
   * bare message (`"string"`, for pages written for PyTauri). For the whole document.
   */
  readonly errors?: ErrorStyle;
}

/** Changes how the client of this document behaves. */
export function configure({ errors }: Configuration): void {
  if (errors !== undefined) client().setErrors(errors);
}
