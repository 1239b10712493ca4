/** Shows an error of the app's own function as an uncaught one, without breaking what called it. */
export function reportUncaught(error: unknown): void {
  if (typeof reportError === "function") reportError(error);
  else console.error(error);
}
