import { listen } from "./api";

export const NOBODY = "Greet somebody in the main window.";

/** Hears of those who are greeted, in whichever window, until `signal` aborts. */
export async function hear(signal: AbortSignal, show: (said: string) => void): Promise<void> {
  const unlisten = await listen("greeted", ({ payload }) => show(`${payload.name} was greeted.`));
  if (signal.aborted) unlisten();
  else signal.addEventListener("abort", unlisten, { once: true });
}
