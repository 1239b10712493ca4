// Checks the headers of a call, and converts them for Tauri.

import { InvokeError } from "../errors.js";
import { describe } from "../thrown.js";
import { HEAD } from "../session/wire.js";

/**
 * Converts user headers into a plain object of strings, which every transport of Tauri passes on
 * (its fallback loses a `Headers` object). Headers of the bridge are left out.
 */
export function plainHeaders(init: HeadersInit, command: string): Record<string, string> {
  const users = [...checked(init, command)].filter(([name]) => name !== HEAD && !name.startsWith("tauri-"));
  return Object.fromEntries(users);
}

/**
 * Control characters. `Headers` accepts them, but the host would drop the whole message because of
 * them.
 */
const CONTROL_CHARACTER = /[\x00-\x08\x0a-\x1f\x7f]/;

function checked(init: HeadersInit, command: string): Headers {
  let why: string;
  try {
    const headers = new Headers(init);
    const bad = [...headers].find(([, value]) => CONTROL_CHARACTER.test(value));
    if (bad === undefined) return headers;
    why = `the value of "${bad[0]}" has a control character`;
  } catch (error) {
    why = describe(error).message;
  }
  throw new InvokeError(
    "invalid-argument",
    `The headers for "${command}" cannot be sent (names are ASCII tokens, values Latin-1 text; put other text into the body): ${why}`,
    { command, details: { started: false } },
  );
}
