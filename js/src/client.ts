import { encodeBody } from "./body.js";
import { abortReason, type Call, type InvokeOptions } from "./call.js";
import { InvokeError } from "./errors.js";
import { Exposures, type ExposedFunction } from "./expose.js";
import { plainHeaders } from "./headers.js";
import { Session } from "./session.js";

/** How a failed call rejects: with an `InvokeError`, or with its bare message. */
export type ErrorStyle = "string" | "object";

export interface CallStyle {
  /** Default: as configured. */
  readonly errors?: ErrorStyle;
  /** Is anything but bytes a wrong answer? Default: no. */
  readonly bytesOnly?: boolean;
}

/** What all copies of this module in one document share. The epoch stays inside. */
export interface Client {
  call(command: string, body: unknown, options?: InvokeOptions, style?: CallStyle): Promise<unknown>;
  expose(name: string, fn: ExposedFunction): () => void;
  setErrors(style: ErrorStyle): void;
}

/** The number changes with `Client`, so that copies of different releases do not share what they cannot. */
const SLOT = Symbol.for("tauri-plugin-transom-api/client/1");

/** The document's one client, made at the first use. */
export function client(): Client {
  const slots = window as unknown as { [SLOT]?: Client };
  return slots[SLOT] ?? install();
}

function install(): Client {
  const made = createClient();
  Object.defineProperty(window, SLOT, { value: made });
  return made;
}

function createClient(): Client {
  const exposures = new Exposures();
  let session = new Session(exposures);
  let defaultErrors: ErrorStyle = "object";

  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    session.retire();
    session = new Session(exposures);
    session.listen();
  });

  return Object.freeze({
    call(command: string, body: unknown, options: InvokeOptions = {}, style: CallStyle = {}): Promise<unknown> {
      const { errors = defaultErrors, bytesOnly = false } = style;
      return new Promise((resolve, rejectWith) => {
        const reject = errors === "string" ? (reason: unknown) => rejectWith(bareMessage(reason)) : rejectWith;
        try {
          const call = prepare(command, body, options, bytesOnly, resolve, reject);
          if (call !== undefined) session.submit(call);
        } catch (error) {
          reject(error);
        }
      });
    },
    expose(name: string, fn: ExposedFunction): () => void {
      const unexpose = exposures.add(name, fn);
      session.listen();
      return unexpose;
    },
    setErrors(style: ErrorStyle): void {
      defaultErrors = style;
    },
  });
}

/** A call ready to be sent; undefined if its signal has ended it already. */
function prepare(
  command: string,
  body: unknown,
  options: InvokeOptions,
  bytesOnly: boolean,
  resolve: Call["resolve"],
  reject: Call["reject"],
): Call | undefined {
  if (options.signal?.aborted === true) {
    reject(abortReason(options.signal));
    return undefined;
  }
  if (!("__TAURI_INTERNALS__" in window)) throw notStarted("unavailable", "This page is not in a window of a Tauri app, there is no Python to call.", null);
  if (typeof command !== "string" || command === "" || command.length > 256) {
    throw notStarted("invalid-argument", "The name of a command is a text of 1 to 256 bytes.", null);
  }
  return {
    command,
    headers: options.headers === undefined ? undefined : plainHeaders(options.headers, command),
    signal: options.signal,
    onProgress: options.onProgress,
    rejectsWhenFull: options.overflow === "reject",
    bytesOnly,
    resolve,
    reject,
    body: encodeBody(body, command),
    place: 0,
    id: 0,
    phase: "held",
    onAbort: undefined,
  };
}

function notStarted(code: "unavailable" | "invalid-argument", message: string, command: string | null): InvokeError {
  return new InvokeError(code, message, { command, details: { started: false } });
}

function bareMessage(reason: unknown): unknown {
  return reason instanceof InvokeError ? reason.message : reason;
}
