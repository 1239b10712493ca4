// Pulls frames from the host: progress of calls, and calls of exposed functions.

import type { Progress } from "../call/options.js";
import { fromRejection } from "../errors.js";
import { reportUncaught } from "./report.js";
import type { Requests } from "../call/requests.js";
import { PULL, type Down, type DownCall, type DownProgress } from "./wire.js";

/**
 * The pause after a pull that failed, in milliseconds. It doubles with each further one, up to the
 * longest.
 */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;
/**
 * How long a pull may stay without an answer, in milliseconds. The host answers each one within 25
 * s.
 */
const PATIENCE = 40_000;

/** What the pull loop needs of its session. */
export interface PullSource {
  readonly epoch: string;
  readonly retired: boolean;
  readonly requests: Requests;
  ready(): Promise<void>;
  exposesAny(): boolean;
  sendAgain(): void;
  calledBack(frame: DownCall): Promise<void>;
}

/** The listener for the progress of one call. */
interface Route {
  readonly onProgress: (progress: Progress) => void;
  /** The newest pull that brought progress. What an older pull brings after it is out of date. */
  newest: number;
}

/** Keeps one pull open while the host may have frames for the page. */
export class PullLoop {
  private running = false;
  private lastPull = 0;
  /** How many calls from Python have arrived, which is the number of the next one. */
  private calls = 0;
  /** Whether progress may have been lost since the last pull that came back. */
  private missed = false;
  /** Pulls that have not come back. */
  private readonly open = new Set<Promise<void>>();
  /** Calls that may still make progress. */
  private readonly live = new Set<number>();
  /** The live calls, and those that wait for their last progress. */
  private readonly routes = new Map<number, Route>();

  constructor(private readonly source: PullSource) {}

  /** Asks for the progress of a call that was just sent. */
  watch(id: number, onProgress: Route["onProgress"]): void {
    this.live.add(id);
    this.routes.set(id, { onProgress, newest: 0 });
    this.start();
  }

  /**
   * Resolves when the progress from before the call's answer has been delivered. To be called with
   * the answer.
   */
  async finish(id: number): Promise<void> {
    this.live.delete(id);
    const older = [...this.open];
    try {
      await this.pull(true);
      // Older ones have come back by now, unless this one overtook them on the way. Then the host may
      // have parked one of them: another pull makes it answer.
      if (older.some((pull) => this.open.has(pull))) await Promise.race([Promise.all(older), this.pull(true)]);
    } catch {
      // The result matters more than the progress before it.
    } finally {
      this.routes.delete(id);
    }
  }

  /** Removes the listener of this call. */
  forget(id: number): void {
    this.live.delete(id);
    this.routes.delete(id);
  }

  /** Notes that frames in transit may have been lost. */
  mayHaveMissed(): void {
    this.missed = true;
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
        if (!this.wanted()) break;
        const late = setTimeout(() => this.source.sendAgain(), PATIENCE);
        await this.pull(false).finally(() => clearTimeout(late));
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

  private pull(now: boolean): Promise<void> {
    const pull = this.request(now);
    const gone = (): void => void this.open.delete(pull);
    this.open.add(pull);
    pull.then(gone, gone);
    return pull;
  }

  private async request(now: boolean): Promise<void> {
    const pull = ++this.lastPull;
    const { epoch, requests } = this.source;
    const frames = await requests.send<Down[]>(PULL, () => ({ args: { epoch, now, calls: this.calls, again: this.missed } }));
    if (this.source.retired) return;
    this.missed = false;
    for (const frame of frames) {
      if (frame.t === "progress") this.progress(frame, pull);
      else if (this.isNew(frame)) this.source.calledBack(frame).catch(reportUncaught);
    }
  }

  /**
   * Handles a call of an exposed function. The host sends it again until a pull says that it
   * arrived.
   */
  private isNew({ k = this.calls }: DownCall): boolean {
    if (k < this.calls) return false;
    this.calls = k + 1;
    return true;
  }

  private progress({ i, done, total, message }: DownProgress, pull: number): void {
    const route = this.routes.get(i);
    if (route === undefined || pull < route.newest) return;
    route.newest = pull;
    try {
      route.onProgress({ done, total, message });
    } catch (error) {
      reportUncaught(error);
    }
  }
}
