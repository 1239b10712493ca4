// Runs the functions that a page exposes to Python.

import { describe } from "../thrown.js";
import { isBinary, toJson } from "../call/json.js";
import type { Outcome } from "./wire.js";

/** A function of the page that Python calls with `webview_window.call(name, arg)`; it may be async. */
export type ExposedFunction = (arg: never) => unknown;

/** The functions that this page exposes, by name. */
export class Exposures {
  private readonly functions = new Map<string, { readonly run: (arg: unknown) => unknown }>();

  get size(): number {
    return this.functions.size;
  }

  add(name: string, fn: ExposedFunction): () => void {
    if (typeof name !== "string" || name === "") throw new TypeError("expose() needs the name of the function, a non-empty string");
    if (typeof fn !== "function") throw new TypeError(`expose("${name}", …) needs a function`);
    const entry = { run: fn as (arg: unknown) => unknown };
    this.functions.set(name, entry);
    return () => {
      if (this.functions.get(name) === entry) this.functions.delete(name);
    };
  }

  /** Runs a function and waits for it. Every error becomes an outcome, and none is thrown. */
  async run(name: string, arg: unknown): Promise<Outcome> {
    const entry = this.functions.get(name);
    if (entry === undefined) {
      const message = `The page exposes no function "${name}": call expose("${name}", …) in it first.`;
      return thrown({ name: "NotExposed", message });
    }
    try {
      const { run } = entry; // not as a method: the function must not see the entry as `this`
      return { ok: true, json: written(await run(arg), name) };
    } catch (error) {
      return thrown(describe(error));
    }
  }
}

/** The outcome of an error, as Python gets it. */
export function thrown(error: { name: string; message: string }): Outcome {
  return { ok: false, json: JSON.stringify(error) };
}

/** Writes the value as JSON now, because a transport that fails on it would never answer. */
function written(value: unknown, name: string): string {
  if (value === undefined) return "null";
  let text: string | undefined;
  let why = `it is a ${typeof value}`;
  try {
    text = isBinary(value) ? undefined : toJson(value);
    if (isBinary(value)) why = "it is binary data";
  } catch (error) {
    why = describe(error).message;
  }
  if (text !== undefined) return text;
  throw new TypeError(`"${name}" returned what cannot be written as JSON: ${why}`);
}
