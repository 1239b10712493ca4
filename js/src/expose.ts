import { isBinary } from "./body.js";
import { describe } from "./errors.js";
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

  /** Runs a function and waits for it; whatever goes wrong is an outcome, never a throw. */
  async run(name: string, arg: unknown): Promise<Outcome> {
    const entry = this.functions.get(name);
    if (entry === undefined) {
      const message = `The page exposes no function "${name}": call expose("${name}", …) in it first.`;
      return { ok: false, error: { name: "NotExposed", message } };
    }
    try {
      const { run } = entry; // not as a method: the function must not see the entry as `this`
      return { ok: true, value: plainJson(await run(arg), name) };
    } catch (thrown) {
      return { ok: false, error: describe(thrown) };
    }
  }
}

/** The value as JSON has it; here and now, since a transport that fails on it would never answer. */
function plainJson(value: unknown, name: string): unknown {
  if (value === undefined) return null;
  if (isBinary(value)) throw new TypeError(`"${name}" returned binary data; an exposed function returns what JSON can express`);
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError(`"${name}" returned a ${typeof value}; an exposed function returns what JSON can express`);
  return JSON.parse(text);
}
