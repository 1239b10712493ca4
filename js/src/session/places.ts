// Limits how many calls of a page are sent to the host at once, and queues the others.

import type { Call } from "../call/call.js";

/** One of this many places is for a background call, if one waits. */
const BACKGROUND_SHARE = 10;

/**
 * The places that a page has in the host: which calls have one, which wait, and which is next.
 *
 * The host may take fewer calls than its limit says, because it also counts work that goes on after
 * its answer, and other windows. A call that it refuses for that reason waits again, and `room`
 * shrinks to the number that it took.
 */
export class Places {
  /** Calls that the host has not answered, aborted ones included. */
  readonly taken = new Set<Call>();
  private readonly interactive = new Set<Call>();
  private readonly background = new Set<Call>();
  private backgroundTaken = 0;
  /** How many calls in a row went before a waiting background call. */
  private overtaken = 0;
  private room = 0;
  private limit = 0;

  /** Sets how many calls the host says it takes. Before that it takes none. */
  open(limit: number): void {
    this.room = this.limit = limit;
  }

  /** Whether the host takes fewer calls than it says. */
  get isShort(): boolean {
    return this.room < this.limit;
  }

  get isFull(): boolean {
    return this.taken.size >= this.limit;
  }

  take(call: Call): void {
    this.taken.add(call);
    if (call.background) this.backgroundTaken++;
  }

  leave(call: Call): void {
    if (this.taken.delete(call) && call.background) this.backgroundTaken--;
  }

  /** Notes that the host takes no more calls than it has now. */
  shrink(): void {
    this.room = Math.max(1, this.taken.size);
  }

  /** Allows a few more calls, to find out whether the host takes them. */
  grow(): void {
    this.room = Math.min(this.limit, this.room + Math.max(1, this.room >> 3));
  }

  get waiting(): number {
    return this.interactive.size + this.background.size;
  }

  /** Every call that waits. */
  *[Symbol.iterator](): Generator<Call> {
    yield* this.interactive;
    yield* this.background;
  }

  hold(call: Call): void {
    this.of(call).add(call);
  }

  /** Puts a call back at its old place in the order. */
  holdAgain(call: Call): void {
    const calls = this.of(call);
    const inOrder = [...calls, call].sort((a, b) => a.place - b.place);
    calls.clear();
    for (const next of inOrder) calls.add(next);
  }

  drop(call: Call): void {
    this.of(call).delete(call);
  }

  clear(): void {
    this.interactive.clear();
    this.background.clear();
  }

  /** Takes the next waiting call for which there is a place. */
  next(): Call | undefined {
    const call = this.overtaken < BACKGROUND_SHARE - 1 ? (this.first(false) ?? this.first(true)) : (this.first(true) ?? this.first(false));
    if (call === undefined) return undefined;
    this.drop(call);
    this.overtaken = call.background || this.background.size === 0 ? 0 : this.overtaken + 1;
    return call;
  }

  private first(background: boolean): Call | undefined {
    if (this.taken.size >= this.room) return undefined;
    // Some places are kept for calls that somebody waits for.
    if (background && this.backgroundTaken >= this.room - (this.room >> 3)) return undefined;
    const [call] = background ? this.background : this.interactive;
    return call;
  }

  private of(call: Call): Set<Call> {
    return call.background ? this.background : this.interactive;
  }
}
