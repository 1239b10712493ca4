// Runs a script of Python in a page that need not have the client: the host carries this file along.

import { isBinary, toJson } from "../call/json.js";
import { describe } from "../thrown.js";

/** The longest result, in UTF-16 units. */
const LONGEST = 64 * 1024 * 1024;
/** Before the text of a result, and before that of an error. */
const VALUE = "v";
const THROWN = "t";
/** The longest time that a timer takes, in ms. */
const LONG = 2 ** 31 - 1;

/** Runs `script` once the document is parsed, waits for its value, and gives it as text. It never rejects. */
export async function evaluated(script: () => unknown): Promise<string> {
  try {
    await parsed();
    return VALUE + written(await held(script()));
  } catch (error) {
    return failed(error);
  }
}

/** As `evaluated`, for webviews that wait for no promise. */
export function evaluatedAtOnce(script: () => unknown): string {
  try {
    return VALUE + written(script());
  } catch (error) {
    return failed(error);
  }
}

/**
 * Keeps a promise that nothing else refers to until it settles or its document ends. The engine may
 * collect such a promise, and then tells the host that no answer comes, as if the page were gone.
 */
async function held(value: unknown): Promise<unknown> {
  const settled = (async () => await value)();
  const timer = setInterval(() => settled, LONG);
  try {
    return await settled;
  } finally {
    clearInterval(timer);
  }
}

function parsed(): Promise<void> {
  return new Promise((resolve) => {
    if (document.readyState !== "loading") resolve();
    else document.addEventListener("DOMContentLoaded", () => resolve(), { once: true });
  });
}

function written(value: unknown): string {
  if (value === undefined) return "null";
  if (isBinary(value)) throw new TypeError("the script gave binary data, which is no JSON");
  let text: string | undefined;
  let why = `a ${typeof value}`;
  try {
    text = toJson(value);
  } catch (error) {
    why = describe(error).message;
  }
  if (text === undefined) throw new TypeError(`the script gave what cannot be written as JSON: ${why}`);
  if (text.length > LONGEST) throw new RangeError(`the script gave a result of more than 64 MiB`);
  return text;
}

function failed(error: unknown): string {
  return THROWN + JSON.stringify(describe(error));
}
