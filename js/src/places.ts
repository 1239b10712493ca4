import type { Call } from "./call.js";

/** Of this many places one is for the background, when it waits. */
const BACKGROUND_SHARE = 10;

/**
 * The places that a page has in the host: which calls have one, which wait, and which is the next.
 *
 * The host may take fewer calls than its limit says, since it counts work that goes on after its
 * answer, and other windows. Who it refuses for that waits again, and `room` shrinks to what it took.
 */
export class Places {
  /** Calls that the host has not answered, aborted ones included. */
  readonly taken = new Set<Call>();
  private readonly interactive = new Set<Call>();
  private readonly background = new Set<Call>();
  private backgroundTaken = 0;
  /** How many calls in a row went before one of the background that waited. */
  private overtaken = 0;
  private room = 0;
  private limit = 0;

  /** How many calls the host says it takes; none before it has. */
  open(limit: number): void {
    this.room = this.limit = limit;
  }

  /** Does the host take fewer than it says? */
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

  /** The host took no more than it has now. */
  shrink(): void {
    this.room = Math.max(1, this.taken.size);
  }

  /** Let the host be asked whether it takes a few more. */
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

  /** Puts a call back where it was in the order. */
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

  /** The next call that finds a place; it waits no more. */
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
