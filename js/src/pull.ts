import { invoke } from "@tauri-apps/api/core";
import type { Call } from "./call.js";
import { InvokeError, fromRejection } from "./errors.js";
import { reportUncaught } from "./report.js";
import { PULL, type Down, type DownCall, type DownProgress } from "./wire.js";

/** Pause after a pull that failed, in milliseconds; doubled up to the second with each further one. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;

/** What the loop needs of its session. */
export interface PullSource {
  readonly epoch: string;
  readonly retired: boolean;
  ready(): Promise<void>;
  exposesAny(): boolean;
  calledBack(frame: DownCall): Promise<void>;
}

/** One pull on its way. Frames are delivered in the order of the pulls, however their answers arrive. */
interface Pull {
  readonly answer: Promise<Down[]>;
  readonly delivered: Promise<void>;
  answered: boolean;
}

/** Keeps one pull open for as long as the host may have something to say. */
export class PullLoop {
  private running = false;
  /** The pull that the host may keep until it has a frame. */
  private parked: Pull | undefined;
  private lastDelivery: Promise<void> = Promise.resolve();
  /** Calls that may still make progress. */
  private readonly live = new Set<Call>();
  /** Where progress goes: the live calls, and those that wait for their last. */
  private readonly routes = new Map<number, Call>();

  constructor(private readonly source: PullSource) {}

  /** Asks for progress of a call that was just sent. */
  watch(call: Call): void {
    this.live.add(call);
    this.routes.set(call.id, call);
    this.start();
  }

  /** The host has answered the call: resolves when all progress it reported before has been delivered. */
  async finish(call: Call): Promise<void> {
    this.live.delete(call);
    const parked = this.parked;
    try {
      const last = this.pull(true);
      await last.answer;
      // Requests may overtake each other: if ours came first, the older one is parked now. Release it.
      if (parked !== undefined && !parked.answered) this.pull(true);
      await last.delivered;
    } catch {
      // The result matters more than the progress before it.
    } finally {
      this.routes.delete(call.id);
    }
  }

  /** Nobody listens to this call any more. */
  forget(call: Call): void {
    this.live.delete(call);
    this.routes.delete(call.id);
  }

  start(): void {
    if (this.running || !this.wanted()) return;
    this.running = true;
    void this.run();
  }

  private wanted(): boolean {
    return !this.source.retired && (this.live.size > 0 || this.source.exposesAny());
  }

  private async run(): Promise<void> {
    let pause = FIRST_PAUSE;
    while (this.wanted()) {
      try {
        await this.source.ready();
        this.parked = this.pull(false);
        await this.parked.delivered;
        pause = FIRST_PAUSE;
      } catch (reason) {
        if (this.source.retired) break;
        const error = fromRejection(reason, null, null);
        if (pause === FIRST_PAUSE) console.warn("transom: no progress and no calls from Python reach this page:", error);
        if (error.code === "permission-denied") break; // asking again changes nothing
        await new Promise((resolve) => setTimeout(resolve, pause));
        pause = Math.min(pause * 2, LONGEST_PAUSE);
      }
    }
    this.running = false;
  }

  private pull(now: boolean): Pull {
    const answer = invoke<Down[]>(PULL, { epoch: this.source.epoch, now });
    const delivered = this.lastDelivery.then(() => answer).then((frames) => this.deliver(frames));
    const pull: Pull = { answer, delivered, answered: false };
    const arrived = (): void => {
      pull.answered = true;
    };
    answer.then(arrived, arrived);
    this.lastDelivery = delivered.catch(() => {}); // run() and finish() hear of it
    return pull;
  }

  private deliver(frames: Down[]): void {
    if (!Array.isArray(frames)) throw new InvokeError("protocol-error", "The host answered a pull with something else than frames.");
    if (this.source.retired) return;
    for (const frame of frames) {
      if (frame.t === "progress") this.progress(frame);
      else this.source.calledBack(frame).catch(reportUncaught);
    }
  }

  private progress({ i, done, total, message }: DownProgress): void {
    try {
      this.routes.get(i)?.onProgress?.({ done, total, message });
    } catch (error) {
      reportUncaught(error);
    }
  }
}
