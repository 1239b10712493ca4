// Makes the one client of a document, which all copies of this package share.

import { encodeBody } from "./call/body.js";
import { abortReason, type Call } from "./call/call.js";
import { type InvokeOptions, type PyStreamOptions } from "./call/options.js";
import { flawOf, isName } from "./call/checks.js";
import type { ErrorCode } from "./codes.js";
import { notStarted } from "./errors.js";
import { Deadline } from "./call/deadline.js";
import { InvokeError } from "./errors.js";
import { Exposures, type ExposedFunction } from "./session/expose.js";
import { plainHeaders } from "./call/headers.js";
import type { Job } from "./call/jobs.js";
import type { AttachOptions } from "./call/options.js";
import { isBinary } from "./call/json.js";
import { pyCall, type Ending, type PyCall } from "./call/released.js";
import { Session } from "./session/session.js";
import { Reader, streamOf, type PyStream } from "./call/stream.js";

/** How a failed call rejects: with an `InvokeError`, or with its bare message. */
export type ErrorStyle = "string" | "object";

export interface CallStyle {
  /** Default: as configured. */
  readonly errors?: ErrorStyle;
  /** Whether every answer except bytes is wrong. Default: no. */
  readonly bytesOnly?: boolean;
}

/** What all copies of this module in one document share. The epoch stays private. */
export interface Client {
  call(command: string, body: unknown, options?: InvokeOptions, style?: CallStyle): PyCall<unknown>;
  stream(command: string, body: unknown, options?: PyStreamOptions): PyStream<unknown>;
  jobs(): Promise<Job[]>;
  attach(job: number, options?: AttachOptions): PyCall<unknown>;
  expose(name: string, fn: ExposedFunction): () => void;
  setErrors(style: ErrorStyle): void;
  /**
   * The host calls this when the page may have lost something in progress and has to send it again.
   */
  sendAgain(): void;
  /**
   * The host calls this when it has lost what it knew of the document `epoch`. What that document
   * waits for rejects with `internal`, and the document says hello as another one.
   */
  beginAnew(epoch: string): void;
}

/**
 * The number changes with `Client`, so that copies of incompatible releases do not share a client.
 */
const SLOT = Symbol.for("tauri-plugin-transom-api/client/2");

/** The document's one client, which is made at its first use. */
export function client(): Client {
  const slots = window as unknown as { [SLOT]?: Client };
  return slots[SLOT] ?? install();
}

function install(): Client {
  const made = createClient();
  Object.defineProperty(window, SLOT, { value: made });
  return made;
}

/** What a call calls. */
type Target = Pick<Call, "command" | "job" | "bytesOnly" | "stream">;
/** The functions that are told of a call's end. */
type Caller = Pick<Call, "resolve" | "reject" | "end">;

function createClient(): Client {
  const exposures = new Exposures();
  const current = (): Session => session;
  let session = new Session(exposures, current);
  let defaultErrors: ErrorStyle = "object";

  window.addEventListener("pageshow", (event) => {
    if (event.persisted) follow("window-closed", "The page left and came back; the call was given up.");
  });

  /** Puts a new session in the place of this one, whose calls reject with this error. */
  function follow(code: ErrorCode, message: string): void {
    const old = session;
    session = new Session(exposures, current);
    old.retire(code, message);
    session.listen();
  }

  /** Submits the call that `make` gives. */
  function start(errors: ErrorStyle, make: (caller: Caller) => Call): PyCall<unknown> {
    let end!: Call["end"];
    const ending = new Promise<Ending>((resolve) => (end = resolve));
    const result = new Promise((resolve, rejectWith) => {
      const reject = errors === "string" ? (reason: unknown) => rejectWith(bareMessage(reason)) : rejectWith;
      try {
        session.submit(make({ resolve, reject, end }));
      } catch (error) {
        end("cancelled");
        reject(error);
      }
    });
    return pyCall(result, ending);
  }

  return Object.freeze({
    call(command: string, body: unknown, options: InvokeOptions = {}, style: CallStyle = {}): PyCall<unknown> {
      const { errors = defaultErrors, bytesOnly = false } = style;
      return start(errors, (caller) => prepare({ command, job: undefined, bytesOnly, stream: undefined }, body, options, caller));
    },
    jobs(): Promise<Job[]> {
      return session.jobs();
    },
    attach(job: number, options: AttachOptions = {}): PyCall<unknown> {
      return start(defaultErrors, (caller) => {
        if (!Number.isSafeInteger(job) || job < 1) throw notStarted("invalid-argument", "The id of a job is a whole number: see pyJobs().", null);
        return prepare({ command: `job ${job}`, job, bytesOnly: false, stream: undefined }, undefined, options, caller);
      });
    },
    stream(command: string, body: unknown, options: PyStreamOptions = {}): PyStream<unknown> {
      const errorOf = defaultErrors === "string" ? bareMessage : (reason: unknown) => reason;
      let end!: Call["end"];
      const ending = new Promise<Ending>((resolve) => (end = resolve));
      const flaw = flawOf(options, command, "pyStream");
      const reader = new Reader(flaw === undefined ? options : {}, errorOf);
      reader.session = session;
      try {
        const resolve = (count: unknown): void => reader.ended(true, undefined, count);
        const reject = (reason: unknown): void => reader.ended(false, reason);
        if (flaw !== undefined) throw flaw;
        reader.call = prepare({ command, job: undefined, bytesOnly: false, stream: reader }, body, options, { resolve, reject, end });
        session.submit(reader.call);
      } catch (error) {
        end("cancelled");
        reader.ended(false, error);
      }
      return streamOf(reader, ending);
    },
    expose(name: string, fn: ExposedFunction): () => void {
      const unexpose = exposures.add(name, fn);
      session.listen();
      return unexpose;
    },
    setErrors(style: ErrorStyle): void {
      defaultErrors = style;
    },
    sendAgain(): void {
      session.sendAgain();
    },
    beginAnew(epoch: string): void {
      if (session.epoch !== epoch) return;
      follow("internal", "The host's part for this window failed and was started again; its log says why.");
    },
  });
}

/**
 * Makes a call that can be sent. Throws the error of a call that cannot be sent, or not any more.
 */
function prepare(target: Target, body: unknown, options: InvokeOptions, caller: Caller): Call {
  const { command, job } = target;
  const flaw = flawOf(options, command, takerOf(target));
  if (flaw !== undefined) throw flaw;
  if (options.signal?.aborted === true) throw abortReason(options.signal);
  if (!("__TAURI_INTERNALS__" in window)) throw notStarted("unavailable", "This page is not in a window of a Tauri app, there is no Python to call.", null);
  if (job === undefined && !isName(command)) throw notStarted("invalid-argument", "The name of a command is a text of 1 to 256 bytes.", null);
  if (target.bytesOnly && body !== undefined && !isBinary(body)) {
    throw notStarted("invalid-argument", "rawPyInvoke takes an ArrayBuffer or a view of one as its body; for anything else there is pyInvoke.", command);
  }
  const { timeout } = options;
  // Each by its name: with objects spread into it an engine takes ten times as long to make one.
  return {
    command,
    job,
    bytesOnly: target.bytesOnly,
    stream: target.stream,
    headers: options.headers === undefined ? undefined : plainHeaders(options.headers, command),
    signal: options.signal,
    onProgress: options.onProgress,
    rejectsWhenFull: options.overflow === "reject",
    background: options.priority === "background",
    deadline: timeout === undefined ? undefined : new Deadline(timeout),
    resolve: caller.resolve,
    reject: caller.reject,
    end: caller.end,
    body: encodeBody(body, command),
    place: 0,
    id: 0,
    phase: "held",
  };
}

function takerOf({ stream, job }: Target): string {
  if (job !== undefined) return "pyAttach";
  return stream === undefined ? "pyInvoke" : "pyStream";
}

function bareMessage(reason: unknown): unknown {
  return reason instanceof InvokeError ? reason.message : reason;
}
