// Ends calls when their `AbortSignal` aborts.

import { abortReason, type Call } from "./call.js";

/**
 * Groups calls by the signal that ends them. There is one listener for all calls of a signal, so
 * they end together, before any microtask, and their cancels are sent together.
 */
export class Aborts {
  private readonly calls = new Map<AbortSignal, Set<Call>>();

  constructor(private readonly abort: (call: Call, reason: unknown) => void) {}

  /** Makes the call end with its signal, if it has one. */
  watch(call: Call): void {
    const { signal } = call;
    if (signal === undefined) return;
    const calls = this.calls.get(signal);
    if (calls !== undefined) {
      calls.add(call);
      return;
    }
    this.calls.set(signal, new Set([call]));
    signal.addEventListener("abort", this.onAbort);
  }

  /** Notes that the call has ended. */
  forget(call: Call): void {
    const { signal } = call;
    const calls = signal && this.calls.get(signal);
    if (calls?.delete(call) !== true || calls.size > 0) return;
    this.calls.delete(signal!);
    signal!.removeEventListener("abort", this.onAbort);
  }

  private readonly onAbort = ({ target }: Event): void => {
    const signal = target as AbortSignal;
    for (const call of [...(this.calls.get(signal) ?? [])]) this.abort(call, abortReason(signal));
  };
}
