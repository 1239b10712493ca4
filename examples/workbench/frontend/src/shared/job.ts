// Shows a long command as a card with a button, its progress and its result.

import { InvokeError } from "tauri-plugin-transom-api";
import type { JobOptions } from "./api";
import { button, el, setText } from "./dom";
import { Meter } from "./meter";

export interface Job<Result> {
  title: string;
  about: string;
  /** How Python runs it: on the event loop, in a thread, or in a worker process. */
  runsOn: "async" | "thread" | "process";
  command: string;
  /** Calls the command. */
  start: (options: JobOptions) => Promise<Result>;
  /** What to show of the result. */
  show: (result: Result) => Node[];
}

type State = "idle" | "running" | "done" | "cancelled" | "failed";

/** A long command with its button, its progress and its result. */
export class JobCard<Result> {
  readonly element = el("section", "job");
  readonly #job: Job<Result>;
  readonly #meter: Meter;
  readonly #status = el("p", "job-status");
  readonly #result = el("div", "job-result");
  readonly #run: HTMLButtonElement;
  readonly #cancel: HTMLButtonElement;
  #call: AbortController | null = null;

  constructor(job: Job<Result>) {
    this.#job = job;
    this.#meter = new Meter(job.title);
    this.#run = button("Run", "run", () => void this.run());
    this.#cancel = button("Cancel", "cancel", () => this.#call?.abort());
    this.#status.setAttribute("role", "status");
    this.element.dataset["job"] = job.command;
    this.element.append(
      el(
        "header",
        "",
        el("h2", "", job.title),
        el("span", "chip", job.runsOn),
        this.#run,
        this.#cancel,
      ),
      el("p", "job-about", job.about),
      this.#meter.element,
      this.#status,
      this.#result,
    );
    this.#enter("idle", "");
  }

  /** Starts the command, unless it runs already. */
  async run(): Promise<void> {
    if (this.#call) return;
    const call = (this.#call = new AbortController());
    this.#result.replaceChildren();
    this.#meter.set(null, null);
    this.#enter("running", "Waiting for its turn");
    try {
      const result = await this.#job.start({
        signal: call.signal,
        onProgress: ({ done, total, message }) => {
          this.#meter.set(done, total);
          const share = total ? `${Math.floor((done / total) * 100)} %` : "";
          setText(this.#status, [share, message].filter(Boolean).join(" · "));
        },
      });
      this.#result.replaceChildren(...this.#job.show(result));
      this.#enter("done", "");
    } catch (error) {
      const code = error instanceof InvokeError ? error.code : null;
      if (call.signal.aborted) this.#enter("cancelled", "Cancelled");
      else if (code === "aborted") this.#enter("cancelled", "Cancelled from the tasks window");
      else if (code === "worker-lost") this.#enter("failed", "Its worker process was lost. Run it again.");
      else this.#enter("failed", error instanceof Error ? error.message : String(error));
    } finally {
      this.#call = null;
    }
  }

  #enter(state: State, status: string): void {
    const running = state === "running";
    const [shown, other] = running ? [this.#cancel, this.#run] : [this.#run, this.#cancel];
    const hadFocus = document.activeElement === other;
    shown.hidden = false;
    other.hidden = true;
    if (hadFocus) shown.focus();
    this.element.dataset["state"] = state;
    this.#meter.element.hidden = !running;
    setText(this.#status, status);
  }
}
