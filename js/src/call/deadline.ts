// Tracks the deadline of a call.

/** The longest delay that `setTimeout` takes. */
const LONGEST = 2 ** 31 - 1;

/** The deadline of a call, counted from the moment when the call was made. */
export class Deadline {
  private readonly at: number;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** @param timeout Milliseconds from now. */
  constructor(readonly timeout: number) {
    this.at = performance.now() + timeout;
  }

  /** The milliseconds that are left. 0 or less when the deadline has passed. */
  get left(): number {
    return this.at - performance.now();
  }

  /** Calls `ring` once, `late` milliseconds after the deadline. It replaces an earlier timer. */
  set(ring: () => void, late = 0): void {
    this.clear();
    const delay = this.left + late;
    this.timer = setTimeout(() => (this.left + late > 0 ? this.set(ring, late) : ring()), Math.min(delay, LONGEST));
  }

  clear(): void {
    clearTimeout(this.timer);
  }
}

/**
 * Whether the host alone says when a call has taken too long: a debugger may stop its clock, with
 * `transom dev --debug`.
 */
export function hostKeepsTime(): boolean {
  return "__transomDebugged" in globalThis;
}
