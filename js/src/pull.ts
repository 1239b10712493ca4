import { invoke } from "@tauri-apps/api/core";
import type { Progress } from "./call.js";
import { fromRejection } from "./errors.js";
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

/** Where the progress of one call goes. */
interface Route {
  readonly onProgress: (progress: Progress) => void;
  /** The newest pull that brought progress: what an older one brings after it is out of date. */
  newest: number;
}

/** Keeps one pull open for as long as the host may have something to say. */
export class PullLoop {
  private running = false;
  private lastPull = 0;
  /** Pulls that have not come back. */
  private readonly open = new Set<Promise<void>>();
  /** Calls that may still make progress. */
  private readonly live = new Set<number>();
  /** The live calls, and those that wait for their last progress. */
  private readonly routes = new Map<number, Route>();

  constructor(private readonly source: PullSource) {}

  /** Asks for progress of a call that was just sent. */
  watch(id: number, onProgress: Route["onProgress"]): void {
    this.live.add(id);
    this.routes.set(id, { onProgress, newest: 0 });
    this.start();
  }

  /** The host has answered the call: resolves when the progress from before its answer has been delivered. */
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

  /** Nobody listens to this call any more. */
  forget(id: number): void {
    this.live.delete(id);
    this.routes.delete(id);
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
        await this.pull(false);
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
    const frames = await invoke<Down[]>(PULL, { epoch: this.source.epoch, now });
    if (this.source.retired) return;
    for (const frame of frames) {
      if (frame.t === "progress") this.progress(frame, pull);
      else this.source.calledBack(frame).catch(reportUncaught);
    }
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
