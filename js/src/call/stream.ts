// Pulls the items of a stream from the host, and gives them to the page's loop.

import { abortReason, type Call, type StreamOrders } from "./call.js";
import { type PyStreamOptions } from "./options.js";
import { Deadline, hostKeepsTime } from "./deadline.js";
import { InvokeError, fromRejection } from "../errors.js";
import { withReleased, type Ending, type Released } from "./released.js";
import type { Session } from "../session/session.js";
import { NEXT, readBatch } from "../session/wire.js";

/**
 * The pause before a pull that came before its call is sent again, in milliseconds. It doubles up
 * to the longest one.
 */
const FIRST_PAUSE = 4;
const LONGEST_PAUSE = 250;

/** The items of a stream command, in order. It can be iterated once. */
export interface PyStream<T> extends AsyncIterableIterator<T> {
  return(value?: unknown): Promise<IteratorResult<T>>;
  throw(reason?: unknown): Promise<IteratorResult<T>>;
  /**
   * Resolves when the generator has been closed, with how it ended, like `released` of {@link
   * PyCall}.
   */
  readonly released: Promise<Released>;
}

interface Waiter {
  resolve(result: IteratorResult<unknown>): void;
  reject(reason: unknown): void;
}

const DONE: IteratorResult<never> = { value: undefined, done: true };

/**
 * Pulls the items of one call, and gives them to the loop.
 *
 * At most one pull is open. It says how many items the loop has taken, which is the credit that is
 * given back. So no credit is given back while half of the received items still wait for the loop.
 */
export class Reader implements StreamOrders {
  /** The call that the items belong to, once there is one. */
  call: Call | undefined;
  /** The session that carries the call. Set when the reader is made. */
  session: Session | undefined;
  private queue: unknown[] = [];
  private at = 0;
  private received = 0;
  private taken = 0;
  /** How many items must be taken before the next pull. */
  private pullFrom = 0;
  private pulling = false;
  private pause = FIRST_PAUSE;
  private readonly waiters: Waiter[] = [];
  /** How the call ended, if it has. */
  private outcome: { ok: boolean; reason: unknown } | undefined;
  /** How many items there are, once the host has told. */
  private count: number | undefined;
  /** Whether no more items come. */
  private over = false;
  private onAbort: (() => void) | undefined;
  private deadline: Deadline | undefined;

  readonly buffer: number | undefined;
  readonly conflate: boolean;
  private readonly signal: AbortSignal | undefined;

  /** Creates it. `errorOf` converts an error before it is thrown. */
  constructor({ buffer, conflate = false, signal, totalTimeout }: PyStreamOptions, private readonly errorOf: (reason: unknown) => unknown) {
    this.buffer = buffer;
    this.conflate = conflate;
    this.signal = signal;
    if (totalTimeout !== undefined) {
      this.deadline = new Deadline(totalTimeout);
      this.deadline.set(() => this.expire(totalTimeout));
    }
    if (signal === undefined) return;
    this.onAbort = () => this.stop(false, abortReason(signal));
    signal.addEventListener("abort", this.onAbort);
  }

  next(): Promise<IteratorResult<unknown>> {
    if (this.at < this.queue.length) {
      const value = this.queue[this.at++];
      this.taken++;
      this.more();
      return Promise.resolve({ value, done: false });
    }
    if (this.over) return this.last();
    const result = new Promise<IteratorResult<unknown>>((resolve, reject) => this.waiters.push({ resolve, reject }));
    this.more();
    return result;
  }

  /** The loop ends the stream: its generator is closed. */
  giveUp(): void {
    if (this.over) return;
    this.stop(true, undefined);
    if (this.call !== undefined) this.session?.giveUp(this.call);
  }

  private expire(timeoutMs: number): void {
    const { call } = this;
    if (call === undefined || (call.phase !== "held" && hostKeepsTime())) return;
    const details = { started: call.phase !== "held", timeoutMs };
    const options = { command: call.command, retryable: true, details };
    const error = new InvokeError("deadline-exceeded", `The stream took longer than ${timeoutMs} ms.`, options);
    this.stop(false, this.errorOf(error));
    this.session?.giveUp(call);
  }

  /** Notes that the call was sent, so items may come. */
  sent(): void {
    this.more();
  }

  /** Notes that the call has ended. Items that are still in transit come first. */
  ended(ok: boolean, reason: unknown, count?: unknown): void {
    if (typeof count === "number") this.count = count;
    this.outcome ??= { ok, reason: ok ? reason : this.errorOf(reason) };
    // A pull of a document that was left may never be answered.
    if (!this.pulling || this.session?.retired) this.finish();
  }

  /** Pulls if there is a reason to. */
  private more(): void {
    if (this.pulling || this.over || this.outcome !== undefined || this.session === undefined) return;
    const wanted = this.conflate ? this.waiters.length > 0 : this.taken >= this.pullFrom || this.at === this.queue.length;
    if (wanted) void this.pull(this.session);
  }

  private async pull({ epoch, requests }: Session): Promise<void> {
    const call = this.call;
    if (call?.phase !== "sent") return;
    this.pulling = true;
    const id = call.id;
    let failure: unknown;
    try {
      const args = { epoch, id, received: this.received, taken: this.taken };
      const answer = await requests.send(NEXT, () => ({ args }));
      if (answer !== null) this.receive(answer);
      else if (this.outcome === undefined) await this.rest();
    } catch (reason) {
      failure = reason;
    }
    this.pulling = false;
    if (this.outcome !== undefined) this.finish();
    else if (failure !== undefined && call.phase === "sent" && call.id === id) this.fail(failure, call);
    else this.more();
  }

  /**
   * Handles a pull that found no such stream: it overtook its call, or the call's answer is in
   * transit.
   */
  private async rest(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.pause));
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
  }

  private receive(answer: unknown): void {
    this.pause = FIRST_PAUSE;
    const { n, items } = readBatch(answer);
    // A batch that was sent twice.
    const fresh = n < this.received ? items.slice(this.received - n) : items;
    this.received += fresh.length;
    if (this.over) return;
    const left = this.queue.slice(this.at);
    this.queue = left.length === 0 ? fresh : left.concat(fresh);
    this.at = 0;
    while (this.waiters.length > 0 && this.at < this.queue.length) {
      this.taken++;
      this.waiters.shift()?.resolve({ value: this.queue[this.at++], done: false });
    }
    this.pullFrom = this.taken + Math.ceil((this.queue.length - this.at) / 2);
  }

  private fail(reason: unknown, call: Call): void {
    const error = fromRejection(reason, call.command, null);
    this.ended(false, error);
    this.session?.giveUp(call);
  }

  /** Notes that the call has ended and all its items are here. */
  private finish(): void {
    if (this.over) return;
    this.over = true;
    if (this.outcome?.ok === true && this.count !== undefined && this.count !== this.received) this.outcome = { ok: false, reason: this.errorOf(this.cutShort(this.count)) };
    if (this.at === this.queue.length) this.release();
  }

  /** Handles a lost last batch, which the host has forgotten with the call. */
  private cutShort(count: number): InvokeError {
    const message = `The webview has lost the last ${count - this.received} of ${count} items.`;
    return new InvokeError("internal", message, { command: this.call?.command ?? null, details: { started: true, items: count } });
  }

  /** Ends the loop at once. */
  private stop(ok: boolean, reason: unknown): void {
    this.outcome = { ok, reason };
    this.over = true;
    this.queue = [];
    this.at = 0;
    this.letGo();
    this.release();
  }

  private release(): void {
    for (const waiter of this.waiters.splice(0)) this.last().then(waiter.resolve, waiter.reject);
  }

  /** Ends the loop after the last item: first the error, once, then the end. */
  private last(): Promise<IteratorResult<unknown>> {
    const outcome = this.outcome;
    this.outcome = { ok: true, reason: undefined };
    this.letGo();
    return outcome === undefined || outcome.ok ? Promise.resolve(DONE) : Promise.reject(outcome.reason);
  }

  private letGo(): void {
    this.deadline?.clear();
    if (this.onAbort !== undefined) this.signal?.removeEventListener("abort", this.onAbort);
  }
}

/** The reader as an async iterator with `released`, to which `ending` tells how the work ended. */
export function streamOf<T>(reader: Reader, ending: Promise<Ending>): PyStream<T> {
  const items: AsyncIterableIterator<T> = {
    next: () => reader.next() as Promise<IteratorResult<T>>,
    return: (value) => {
      reader.giveUp();
      return Promise.resolve({ value, done: true });
    },
    throw: (reason) => {
      reader.giveUp();
      return Promise.reject(reason);
    },
    [Symbol.asyncIterator]: () => stream,
  };
  const stream = withReleased(items, ending) as PyStream<T>;
  return stream;
}
