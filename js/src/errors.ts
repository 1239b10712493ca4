// Defines `InvokeError`, and converts what Tauri rejects with into it.

import { ERROR_CODES, type ErrorCode } from "./codes.js";
import { describe } from "./thrown.js";

/** What an error says beyond its code and message; which keys there are depends on the code. */
export interface ErrorDetails {
  /** Whether code of the command ran. Absent if nobody can know. */
  readonly started?: boolean;
  /** `overloaded`: whose limit it was. */
  readonly scope?: string;
  /** `overloaded`: when to try again, in milliseconds. */
  readonly retryAfterMs?: number;
  readonly [key: string]: unknown;
}

export interface InvokeErrorOptions {
  readonly command?: string | null;
  readonly window?: string | null;
  readonly retryable?: boolean;
  readonly details?: ErrorDetails;
  readonly cause?: unknown;
}

/** Shared by every copy of this module in a document, so that `instanceof` holds across them. */
const BRAND = Symbol.for("tauri-plugin-transom-api/InvokeError");

const NAMES: { readonly [code in ErrorCode]?: string } = {
  aborted: "AbortError",
  "deadline-exceeded": "TimeoutError",
};

/**
 * Why a call failed. `message` is the host's text.
 *
 * `name` is `"AbortError"` for the code `aborted`, `"TimeoutError"` for `deadline-exceeded`,
 * else `"InvokeError"`.
 */
export class InvokeError extends Error {
  readonly code: ErrorCode;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  /** The command that was called. `null` if the error belongs to none. */
  readonly command: string | null;
  /** The label of the calling window. `null` until the host has told it. */
  readonly window: string | null;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, options: InvokeErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = NAMES[code] ?? "InvokeError";
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.command = options.command ?? null;
    this.window = options.window ?? null;
    this.details = options.details ?? {};
  }

  get [BRAND](): true {
    return true;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (typeof value !== "object" || value === null) return false;
    return this === InvokeError ? BRAND in value : Object.prototype.isPrototypeOf.call(this.prototype, value);
  }
}

/** Converts whatever a Tauri `invoke` rejected with into an `InvokeError`. */
export function fromRejection(reason: unknown, command: string | null, window: string | null): InvokeError {
  if (reason instanceof InvokeError) return reason;
  if (reason instanceof Error) return new InvokeError("internal", reason.message, { command, window, cause: reason });
  if (typeof reason === "string") return fromTauriText(reason, command, window);
  if (typeof reason === "object" && reason !== null && "code" in reason) return fromFrame(reason, command, window);
  return new InvokeError("internal", `The host rejected with ${describe(reason).message}`, { command, window, cause: reason });
}

const NO_ORIGIN =
  "a document without an origin may call nothing, such as one in a frame with `sandbox`, or of a `data:` address: " +
  "load it from the app's pages, and give its frame `allow-same-origin`";

/** The error for the bare text with which Tauri answers a call that does not reach the plugin. */
function fromTauriText(text: string, command: string | null, window: string | null): InvokeError {
  const [code, message]: [ErrorCode, string] = /^Origin header is not a valid URL$/.test(text)
    ? ["permission-denied", NO_ORIGIN]
    : /\bnot allowed\b/.test(text)
      ? ["permission-denied", text]
      : /^plugin \S+ not found$/.test(text)
        ? ["unavailable", text]
        : ["internal", text];
  return new InvokeError(code, message, { command, window });
}

const KNOWN: ReadonlySet<unknown> = new Set(ERROR_CODES);

function fromFrame(frame: object, command: string | null, window: string | null): InvokeError {
  const { code, message, details, retryable, ...rest } = frame as { readonly [key: string]: unknown };
  const extra: ErrorDetails = typeof details === "object" && details !== null ? { ...details } : {};
  const known = KNOWN.has(code);
  return new InvokeError(known ? (code as ErrorCode) : "internal", typeof message === "string" ? message : String(code), {
    command: typeof rest["command"] === "string" ? rest["command"] : command,
    window: typeof rest["window"] === "string" ? rest["window"] : window,
    retryable: retryable === true,
    details: known ? extra : { ...extra, code },
  });
}

/** The error of a call that is not sent. */
export function notStarted(
  code: "unavailable" | "invalid-argument",
  message: string,
  command: string | null,
  cause?: unknown,
): InvokeError {
  return new InvokeError(code, message, { command, details: { started: false }, cause });
}
