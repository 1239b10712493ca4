import { pulse } from "./api";

/** How many beats the line shows. */
const WIDTH = 100;

export interface Line {
  /** How late the last beat is, in words. */
  readonly late: string;
  /** Of a polyline, in a box of 100 × 40. */
  readonly points: string;
}

/** Follows the stream until `signal` aborts, and draws each beat. */
export async function follow(signal: AbortSignal, show: (line: Line) => void): Promise<void> {
  const beats = Array<number>(WIDTH).fill(0);
  try {
    for await (const { late } of pulse({ signal, conflate: true })) {
      beats.push(late);
      beats.shift();
      const top = Math.max(5, ...beats);
      const points = beats.map((it, at) => `${at},${39 - (38 * it) / top}`).join(" ");
      show({ late: `${late.toFixed(1)} ms`, points });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
