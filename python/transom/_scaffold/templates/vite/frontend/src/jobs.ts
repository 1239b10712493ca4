import type { InvokeOptions } from "tauri-plugin-transom-api";
import { countLines, countPrimes, wait } from "./api";

/** A command that takes its time. */
export interface Job {
  readonly title: string;
  readonly about: string;
  readonly runsOn: "async" | "thread" | "process";
  /** Calls it, and says in words what came of it. */
  readonly start: (options: InvokeOptions) => Promise<string>;
}

export const jobs: readonly Job[] = [
  {
    title: "Wait",
    about: "Five seconds on the event loop. Other calls go on meanwhile.",
    runsOn: "async",
    start: async (options) => wait(5, options),
  },
  {
    title: "Read",
    about: "The lines of Python's standard library, file by file.",
    runsOn: "thread",
    async start(options) {
      const { files, lines } = await countLines(options);
      return `${lines.toLocaleString("en")} lines in ${files.toLocaleString("en")} files`;
    },
  },
  {
    title: "Compute",
    about: "Prime numbers below 300,000, on a processor of their own.",
    runsOn: "process",
    async start(options) {
      const { count, largest } = await countPrimes(300_000, options);
      return `${count.toLocaleString("en")} primes, up to ${largest.toLocaleString("en")}`;
    },
  },
];

/** What a card shows of a job. */
export interface Shown {
  readonly state: "idle" | "running" | "done" | "failed";
  /** From 0 to 1. */
  readonly progress: number;
  readonly said: string;
}

export const READY: Shown = { state: "idle", progress: 0, said: "Ready" };

/** Runs a job until it ends or `signal` aborts; `show` is called whenever something is new. */
export async function run(
  job: Job,
  signal: AbortSignal,
  show: (shown: Shown) => void,
): Promise<void> {
  show({ state: "running", progress: 0, said: "" });
  try {
    const said = await job.start({
      signal,
      onProgress({ done, total, message }) {
        const progress = done / (total || 1);
        show({ state: "running", progress, said: message ?? `${Math.floor(100 * progress)} %` });
      },
    });
    show({ state: "done", progress: 1, said });
  } catch (error) {
    if (signal.aborted) show({ state: "idle", progress: 0, said: "Stopped" });
    else show({ state: "failed", progress: 0, said: messageOf(error) });
  }
}

/** What is said of an error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
