/** Defines the frames of the wire protocol, which docs/internals/protocol.md describes. */

export const PROTOCOL_VERSION = 1;

export const CALL = "plugin:transom|call";
export const CONTROL = "plugin:transom|control";
export const PULL = "plugin:transom|pull";
export const NEXT = "plugin:transom|next";

/** The name of the header with a call's head. */
export const HEAD = "transom";

export type BodyKind = "json" | "raw" | "none";

export interface Limits {
  /** How many calls of this window may be in flight at once. */
  readonly callsPerWindow: number;
  /** Size of the largest body, in bytes. */
  readonly maxBody: number;
}

export interface HelloAnswer {
  readonly version: number;
  readonly window: string;
  readonly limits: Limits;
  /** How long the text of a message may be, in UTF-16 units. Absent: the host takes no messages. */
  readonly messages?: number;
}

/**
 * The outcome of an exposed function. `json` is the text of its value, or of the error's `{name,
 * message}`. The host passes it on without parsing it, so the order of keys, any depth and lone
 * surrogates get through.
 */
export interface Outcome {
  readonly ok: boolean;
  readonly json: string;
}

export type Control =
  | { readonly op: "hello"; readonly epoch: string; readonly version: number }
  | { readonly op: "cancel"; readonly epoch: string; readonly id: number; readonly and?: readonly number[] }
  | { readonly op: "jobs"; readonly epoch: string }
  | { readonly op: "released"; readonly epoch: string; readonly id: number; readonly of?: string }
  | ({ readonly op: "reply"; readonly epoch: string; readonly call: number } & Outcome);

export interface DownProgress {
  readonly t: "progress";
  readonly i: number;
  readonly done: number;
  readonly total: number | null;
  readonly message: string | null;
}

export interface DownCall {
  readonly t: "call";
  /** Its number among the calls of this document, from 0. Absent: the host sends each call once. */
  readonly k?: number;
  readonly n: number;
  readonly name: string;
  readonly arg: unknown;
}

export type Down = DownProgress | DownCall;

/**
 * Bytes in the form in which they come back where only JSON can. The epoch marks them, because no
 * command knows it.
 */
interface BytesAsJson {
  readonly transom: string;
  readonly bytes: number[];
}

/** How a page wants a stream. */
export interface StreamHead {
  readonly buffer: number | undefined;
  readonly conflate: boolean;
}

/** Items of a stream. `n` items were handed over before them. */
export interface Batch {
  readonly n: number;
  readonly items: unknown[];
}

/** The options in a call's head. */
export interface HeadOptions {
  readonly progress: boolean;
  readonly background: boolean;
  /** How long the call may take from now, in milliseconds. */
  readonly timeout: number | undefined;
  readonly stream?: StreamHead | undefined;
}

/**
 * The head of a call as the text of its header: JSON in ASCII. `target` is a command, or the id of
 * a job.
 */
export function callHead(epoch: string, id: number, target: string | number, kind: BodyKind, more: HeadOptions): string {
  const what = typeof target === "number" ? `"a":${target}` : `"c":${ascii(JSON.stringify(target))}`;
  const body = kind === "none" ? "" : `,"b":"${kind}"`;
  const wants = more.progress ? ',"p":true' : "";
  // In whole milliseconds that Rust can read.
  const timeout = more.timeout === undefined ? "" : `,"t":${Math.min(Math.ceil(more.timeout), Number.MAX_SAFE_INTEGER)}`;
  const priority = more.background ? ',"q":"b"' : "";
  const { stream } = more;
  const items = stream === undefined ? "" : `,"s":${JSON.stringify({ n: stream.buffer, c: stream.conflate || undefined })}`;
  return `{"e":"${epoch}","i":${id},${what}${body}${wants}${timeout}${priority}${items}}`;
}

/** The value of an answer. Bytes that came as JSON are put back together. */
export function answerValue(value: unknown, epoch: string): unknown {
  if (typeof value !== "object" || value === null) return value;
  const marked = value as BytesAsJson;
  return marked.transom === epoch ? Uint8Array.from(marked.bytes).buffer : value;
}

/** Reads a batch of items: JSON, or bytes, which come as numbers where only JSON can. */
export function readBatch(answer: unknown): Batch {
  if (answer instanceof ArrayBuffer) return readBytes(answer);
  if (Array.isArray(answer)) return readBytes(Uint8Array.from(answer as number[]).buffer);
  return answer as Batch;
}

function readBytes(frame: ArrayBuffer): Batch {
  const view = new DataView(frame);
  const n = Number(view.getBigUint64(0, true));
  const items: ArrayBuffer[] = [];
  for (let at = 8; at < frame.byteLength; ) {
    const begin = at + 4;
    at = begin + view.getUint32(at, true);
    items.push(frame.slice(begin, at));
  }
  return { n, items };
}

const NOT_ASCII = /[^\x20-\x7e]/;
const EVERY_NOT_ASCII = /[^\x20-\x7e]/g;

function ascii(json: string): string {
  if (!NOT_ASCII.test(json)) return json;
  return json.replace(EVERY_NOT_ASCII, (unit) => "\\u" + unit.charCodeAt(0).toString(16).padStart(4, "0"));
}
