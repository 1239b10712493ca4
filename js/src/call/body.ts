// Encodes the bodies of calls as JSON or bytes.

import { notStarted } from "../errors.js";
import { describe } from "../thrown.js";
import { isBinary, toJson } from "./json.js";

/** A body, before it is sent. */
export type Body =
  | { readonly kind: "none" }
  | { readonly kind: "json"; readonly text: string }
  | { readonly kind: "raw"; readonly bytes: Uint8Array };

const NONE: Body = { kind: "none" };
const NO_BYTES = new Uint8Array(0);
const encoder = new TextEncoder();

/** Encodes a body. JSON is written now; bytes still belong to the caller. */
export function encodeBody(body: unknown, command: string): Body {
  if (body === undefined) return NONE;
  if (isBinary(body)) return { kind: "raw", bytes: readable(body, command) };
  return { kind: "json", text: encode(body, command) };
}

/** The size of a body in bytes. It only needs to be exact enough to compare it with `limit`. */
export function sizeOf(body: Body, limit: number): number {
  if (body.kind === "none") return 0;
  if (body.kind === "raw") return body.bytes.length;
  // At most three bytes for each unit: what fits by that need not be counted.
  return body.text.length * 3 <= limit ? body.text.length : encoder.encode(body.text).length;
}

/** A number of arguments that any function can take. */
const CHUNK = 8192;

/**
 * Makes JSON write these bytes as base64. Where its fetch is not available, Tauri sends JSON and
 * writes each byte of other arrays as a number. The host would have to hold 32 bytes for each
 * before it knows how many there are.
 */
function asBase64(bytes: Uint8Array): Uint8Array {
  const own = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Object.defineProperty(own, "toJSON", { value: base64Of });
}

function base64Of(this: Uint8Array): string {
  let text = "";
  for (let at = 0; at < this.length; at += CHUNK) text += String.fromCharCode(...this.subarray(at, at + CHUNK));
  return btoa(text);
}

/** The body in the form that a request carries. */
export function payloadOf(body: Body): Uint8Array {
  if (body.kind === "none") return NO_BYTES;
  return asBase64(body.kind === "json" ? encoder.encode(body.text) : body.bytes);
}

/** A copy of the body that does not change when the caller changes its bytes later. */
export function ownBody(body: Body): Body {
  return body.kind === "raw" ? { kind: "raw", bytes: body.bytes.slice() } : body;
}

function readable(body: ArrayBufferLike | ArrayBufferView, command: string): Uint8Array {
  try {
    return bytesOf(body);
  } catch (error) {
    const why = describe(error).message;
    throw notStarted("invalid-argument", `The body for "${command}" cannot be read, its buffer was transferred: ${why}`, command, error);
  }
}

/**
 * Always a plain `Uint8Array` over its own memory: the only view that every transport of Tauri
 * supports.
 */
function bytesOf(value: ArrayBufferLike | ArrayBufferView): Uint8Array {
  if (!ArrayBuffer.isView(value)) return unshared(new Uint8Array(value));
  if (value.constructor === Uint8Array) return unshared(value as Uint8Array);
  return unshared(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
}

function unshared(bytes: Uint8Array): Uint8Array {
  return typeof SharedArrayBuffer !== "undefined" && bytes.buffer instanceof SharedArrayBuffer ? bytes.slice() : bytes;
}

function encode(body: unknown, command: string): string {
  let text: string | undefined;
  let why = typeof body === "object" ? "its toJSON gives nothing" : `it is a ${typeof body}`;
  let cause: unknown;
  try {
    text = toJson(body);
  } catch (error) {
    cause = error;
    why = describe(error).message;
  }
  if (text !== undefined) return text;
  throw notStarted("invalid-argument", `The body for "${command}" cannot be written as JSON: ${why}`, command, cause);
}
