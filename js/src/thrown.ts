// Describes what was thrown, whatever it is.

/** The name and message of anything that was thrown. It does not throw itself. */
export function describe(thrown: unknown): { name: string; message: string } {
  try {
    if (thrown instanceof Error) return { name: String(thrown.name), message: String(thrown.message) };
    return { name: "Error", message: String(typeof thrown === "object" ? JSON.stringify(thrown) : thrown) };
  } catch {
    return { name: "Error", message: tagOf(thrown) };
  }
}

function tagOf(thrown: unknown): string {
  try {
    return Object.prototype.toString.call(thrown);
  } catch {
    return "what was thrown cannot be described";
  }
}
