/** Reports an error of the app's own function as uncaught, without throwing it at the caller. */
export function reportUncaught(error: unknown): void {
  if (typeof reportError === "function") reportError(error);
  else console.error(error);
}
