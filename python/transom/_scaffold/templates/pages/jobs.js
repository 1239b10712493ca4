/** @import { Lines, Primes } from "./api.ts" */

const { pyInvoke } = window.__TAURI__.transom;

/**
 * A command that takes its time. `start` calls it, and says in words what came of it.
 *
 * @typedef {object} Job
 * @property {string} title
 * @property {string} about
 * @property {"async" | "thread" | "process"} runsOn
 * @property {(options: object) => Promise<string>} start
 */

/** @type {Job[]} */
export const jobs = [
  {
    title: "Wait",
    about: "Five seconds on the event loop. Other calls go on meanwhile.",
    runsOn: "async",
    start: (options) => pyInvoke("wait", 5, options),
  },
  {
    title: "Read",
    about: "The lines of Python's standard library, file by file.",
    runsOn: "thread",
    async start(options) {
      /** @type {Lines} */
      const { files, lines } = await pyInvoke("count_lines", undefined, options);
      return `${lines.toLocaleString("en")} lines in ${files.toLocaleString("en")} files`;
    },
  },
  {
    title: "Compute",
    about: "Prime numbers below 300,000, on a processor of their own.",
    runsOn: "process",
    async start(options) {
      /** @type {Primes} */
      const { count, largest } = await pyInvoke("count_primes", 300_000, options);
      return `${count.toLocaleString("en")} primes, up to ${largest.toLocaleString("en")}`;
    },
  },
];

/**
 * What a card shows of a job: `progress` from 0 to 1, and what is said of it.
 *
 * @typedef {{state: "idle" | "running" | "done" | "failed", progress: number, said: string}} Shown
 */

/**
 * Runs a job until it ends or `signal` aborts.
 *
 * @param {Job} job
 * @param {AbortSignal} signal
 * @param {(shown: Shown) => void} show is called whenever something is new.
 */
export async function run(job, signal, show) {
  show({ state: "running", progress: 0, said: "" });
  try {
    const said = await job.start({
      signal,
      onProgress: ({ done, total, message }) =>
        show({
          state: "running",
          progress: done / (total || 1),
          said: message ?? `${Math.floor((100 * done) / (total || 1))} %`,
        }),
    });
    show({ state: "done", progress: 1, said });
  } catch (error) {
    if (signal.aborted) show({ state: "idle", progress: 0, said: "Stopped" });
    else show({ state: "failed", progress: 0, said: String(error.message ?? error) });
  }
}
