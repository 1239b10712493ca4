"""Error codes. Generated from src/error.rs by scripts/codes.py. Change it there."""

from typing import Literal

ErrorCode = Literal[
    "aborted",  # Somebody else cancelled the call.
    "deadline-exceeded",  # The call's deadline passed.
    "window-closed",  # The calling document or window went away.
    "overloaded",  # A limit was reached; `details.scope` says which.
    "superseded",  # A newer call took this one's place in the queue.
    "dropped",  # The queue's policy dropped the call.
    "permission-denied",  # The window may not make this call.
    "unknown-command",  # No command of that name is registered.
    "invalid-argument",  # The body does not fit the command; `details.issues` lists what is wrong.
    "payload-too-large",  # The body or the result is larger than its limit.
    "command-error",  # The command raised.
    "result-not-serializable",  # The command's result cannot be sent.
    "worker-lost",  # The worker process died during the call.
    "quarantined",  # The command killed too many workers and rests.
    "unavailable",  # The executor cannot run anything now.
    "shutting-down",  # The app is ending.
    "protocol-error",  # A frame broke the rules of the wire.
    "internal",  # A fault of the bridge itself.
]
"""Why a call did not end with a value."""

ERROR_CODES: tuple[ErrorCode, ...] = (
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
)
