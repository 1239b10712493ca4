// Checks the names and options that a page passes to the client's functions.

import { type InvokeError, notStarted } from "../errors.js";
import type { AttachOptions, InvokeOptions, PyStreamOptions } from "./options.js";

const encoder = new TextEncoder();
/** A lone surrogate, which UTF-8 cannot express. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Whether a command can have this name. */
export function isName(name: unknown): name is string {
  if (typeof name !== "string" || name === "" || name.length > 256 || LONE_SURROGATE.test(name)) return false;
  // At most three bytes for each unit: a short name need not be counted.
  return name.length * 3 <= 256 || encoder.encode(name).length <= 256;
}

const JOB_OPTIONS = ["signal", "onProgress"] as const satisfies readonly (keyof AttachOptions)[];
const CALL_OPTIONS = [...JOB_OPTIONS, "headers", "timeout", "priority", "overflow"] as const satisfies readonly (keyof InvokeOptions)[];
const STREAM_OPTIONS = [...CALL_OPTIONS, "buffer", "totalTimeout", "conflate"] as const satisfies readonly (keyof PyStreamOptions)[];

/** The functions that take options, and the options of each. */
const TAKERS: Record<string, readonly string[]> = { pyInvoke: CALL_OPTIONS, pyStream: STREAM_OPTIONS, pyAttach: JOB_OPTIONS };

/** The error for the options that one of the `TAKERS` was given, if they are wrong. */
export function flawOf(options: PyStreamOptions, command: string, taker: string): InvokeError | undefined {
  const text = textOf(options, taker);
  return text === undefined ? undefined : notStarted("invalid-argument", text, typeof command === "string" ? command : null);
}

function textOf(options: PyStreamOptions, taker: string): string | undefined {
  if (typeof options !== "object" || options === null) return "The options of a call are an object.";
  const known = TAKERS[taker] ?? [];
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || known.includes(name)) continue;
    const other = Object.keys(TAKERS).find((it) => TAKERS[it]?.includes(name));
    const whose = other === undefined ? "" : `, it is one of ${other}`;
    return `${shown(name)} is no option of ${taker}${whose}. Its options are ${known.join(", ")}.`;
  }
  const { signal, priority, overflow, onProgress, buffer, conflate } = options;
  if (signal !== undefined && typeof (signal as Partial<AbortSignal> | null)?.addEventListener !== "function") {
    return "The signal of a call is an AbortSignal.";
  }
  for (const name of ["timeout", "totalTimeout"] as const) {
    const time: unknown = options[name];
    if (time !== undefined && !(typeof time === "number" && time >= 0)) return `A ${name} is a number of milliseconds from 0, not ${shown(time)}.`;
  }
  if (!isOneOf(priority, PRIORITIES)) return `A priority is "interactive" or "background", not ${shown(priority)}.`;
  if (!isOneOf(overflow, OVERFLOWS)) return `An overflow is "wait" or "reject", not ${shown(overflow)}.`;
  if (onProgress !== undefined && typeof onProgress !== "function") return "What onProgress names is a function.";
  if (buffer !== undefined && !(Number.isInteger(buffer) && buffer >= 1 && buffer <= 1024)) {
    return "The buffer of a stream is a whole number from 1 to 1024.";
  }
  if (conflate !== undefined && typeof conflate !== "boolean") return `Whether a stream is to conflate is true or false, not ${shown(conflate)}.`;
  return undefined;
}

const PRIORITIES: readonly InvokeOptions["priority"][] = [undefined, "interactive", "background"];
const OVERFLOWS: readonly InvokeOptions["overflow"][] = [undefined, "wait", "reject"];

function isOneOf<T>(value: T, allowed: readonly T[]): boolean {
  return allowed.includes(value);
}

function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
