// Defines the state of one call on the page.

import type { Body } from "./body.js";
import type { Deadline } from "./deadline.js";
import type { Progress } from "./options.js";
import type { Ending } from "./released.js";

/** What a session needs of the reader of a stream. */
export interface StreamOrders {
  readonly buffer: number | undefined;
  readonly conflate: boolean;
  /** The call was sent; items may be pulled. */
  sent(): void;
}

/** One call of a command, from `pyInvoke` until its promise settles. */
export interface Call {
  readonly command: string;
  /** The job whose outcome it wants, instead of a command. */
  readonly job: number | undefined;
  readonly headers: Record<string, string> | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: Progress) => void) | undefined;
  /** Whether the call is rejected when the host is full. Else it waits. */
  readonly rejectsWhenFull: boolean;
  readonly background: boolean;
  readonly deadline: Deadline | undefined;
  /** Whether every answer except bytes is wrong. */
  readonly bytesOnly: boolean;
  /** The reader of the items, if the page wants a stream. */
  readonly stream: StreamOrders | undefined;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
  /** Tells how the work ended. The first call counts. */
  readonly end: (ending: Ending) => void;
  body: Body;
  /**
   * Its number among the calls of the document. Ids change when a call is sent again, this does
   * not.
   */
  place: number;
  /** The id of the call. 0 until the host has taken it. */
  id: number;
  /** `answered`: the host has settled it, the page waits for its last progress. */
  phase: "held" | "sent" | "answered" | "settled";
}

/** The value of `signal.reason`, also in webviews that do not have that property yet. */
export function abortReason(signal: AbortSignal): unknown {
  return signal.reason === undefined ? new DOMException("The call was aborted.", "AbortError") : signal.reason;
}
