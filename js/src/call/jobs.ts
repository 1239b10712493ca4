// Defines the type of a job: a call that goes on after its page.

import type { Progress } from "./options.js";

/**
 * A call that went on when its page went: its command is registered with `on_close="detach"`.
 * `pyAttach(job.id)` gives its progress and result.
 */
export interface Job {
  readonly id: number;
  readonly command: string;
  /** Label of the window that called. */
  readonly window: string;
  /** `queued`: its code has not begun. `failed`: `pyAttach` rejects with its error. */
  readonly state: "queued" | "running" | "finished" | "failed" | "cancelled";
  /** The latest that the command reported. */
  readonly progress: Progress | null;
  /** When it was called, in milliseconds as of `Date.now()`. */
  readonly startedAt: number;
}
