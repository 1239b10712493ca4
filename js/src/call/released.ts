// Tells how and when the work of a call ended, which may be after its promise has settled.

import type { ErrorCode } from "../codes.js";
import { InvokeError } from "../errors.js";

/**
 * How the work of a call ended, as `call.released` says:
 *
 * - `"finished"`: it ran to its end, also when nobody waited for it any more;
 * - `"cancelled"`: a cancel stopped it, or it never started;
 * - `"killed"`: its worker process was killed;
 * - `"abandoned"`: it still ran 5 s after its cancel, or the host cannot be asked any more.
 */
export type Released = "finished" | "cancelled" | "killed" | "abandoned";

/**
 * The promise of a call's result, which also tells when and how its work has ended.
 *
 * The promise settles when the caller's wait is over. An aborted or expired call rejects at once,
 * while its clean-up still runs: `released` resolves when that is over.
 */
export interface PyCall<T> extends Promise<T> {
  /**
   * Resolves when the call's work has ended, with how it did. Never rejects. The host is asked only
   * if this is read and the answer of the call does not say it.
   */
  readonly released: Promise<Released>;
}

/** Asks the host how the work ended. */
export type Ask = () => Promise<Released>;

/** How the work ended, or the function that finds out. */
export type Ending = Released | Ask;

/** Makes a call's promise, to which `ending` tells how the work ended. */
export function pyCall<T>(promise: Promise<T>, ending: Promise<Ending>): PyCall<T> {
  return withReleased(promise, ending);
}

/** Adds the property `released` to an object. */
export function withReleased<T extends object>(target: T, ending: Promise<Ending>): T & { readonly released: Promise<Released> } {
  let released: Promise<Released> | undefined;
  const get = (): Promise<Released> => (released ??= ending.then((how) => (typeof how === "string" ? how : how())));
  return Object.defineProperty(target, "released", { get, configurable: true }) as T & { readonly released: Promise<Released> };
}

/** The codes of errors that may come while the command still runs. */
const CUT_SHORT: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "aborted",
  "deadline-exceeded",
  "window-closed",
  "superseded",
  "dropped",
  "shutting-down",
]);

/** How the work of a call ended, by the host's answer. Undefined: the host has to be asked. */
export function endingOf(ok: boolean, answer: unknown): Released | undefined {
  if (ok || !(answer instanceof InvokeError)) return "finished";
  if (answer.code === "worker-lost") return "killed";
  const { started } = answer.details;
  if (started === false) return "cancelled";
  // Tauri's own refusals say nothing of it: they come before the host.
  if (started === undefined) return answer.code === "internal" ? undefined : "cancelled";
  return CUT_SHORT.has(answer.code) ? undefined : "finished";
}
