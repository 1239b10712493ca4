// Generated from src/error.rs by scripts/codes.py. Change it there.

/** Every code a call can end with, in the order of the documentation. */
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

/** Why a call did not end with a value. */
export type ErrorCode = (typeof ERROR_CODES)[number];
