// Generated from the error enum in src/error.rs; do not edit by hand.

/** Every code an {@link InvokeError} can carry. */
export const ERROR_CODES = [
  "aborted",
  "deadline-exceeded",
  "window-closed",
  "overloaded",
  "superseded",
  "dropped",
  "permission-denied",
  "unknown-command",
  "invalid-argument",
  "payload-too-large",
  "command-error",
  "result-not-serializable",
  "worker-lost",
  "quarantined",
  "unavailable",
  "shutting-down",
  "protocol-error",
  "internal",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];
