/** The longest delay that `setTimeout` takes. */
const LONGEST = 2 ** 31 - 1;

/** Until when a call may take, from the moment it was made. */
export class Deadline {
  private readonly at: number;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** @param timeout Milliseconds from now. */
  constructor(readonly timeout: number) {
    this.at = performance.now() + timeout;
  }

  /** Milliseconds, 0 or less when it has passed. */
  get left(): number {
    return this.at - performance.now();
  }

  /** Calls `ring` once, `late` milliseconds after the deadline, in the place of what was set before. */
  set(ring: () => void, late = 0): void {
    this.clear();
    const delay = this.left + late;
    this.timer = setTimeout(() => (this.left + late > 0 ? this.set(ring, late) : ring()), Math.min(delay, LONGEST));
  }

  clear(): void {
    clearTimeout(this.timer);
  }
}
