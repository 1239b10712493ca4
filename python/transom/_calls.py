"""The calls of an app, for a view of its tasks: behind `AppHandle.calls()`."""

from typing import Literal, NamedTuple

from ._runtime import current

CallState = Literal["queued", "running", "cancelling"]


class Progress(NamedTuple):
    """How far a call has come."""

    done: float
    total: float | None
    message: str | None


class CallInfo(NamedTuple):
    """A call whose work has not ended."""

    id: int
    """The call's number in this app."""
    command: str
    window: str
    """The label of the window that called."""
    state: CallState
    """`cancelling`: the caller has its answer, the code still runs."""
    progress: Progress | None
    started: float
    """Seconds since the call was accepted."""


def calls() -> list[CallInfo]:
    """The calls whose work has not ended, oldest first."""
    return [
        CallInfo(key, command, window, state, Progress(*progress) if progress else None, age)
        for key, command, window, state, progress, age in current().host.calls()
    ]


def cancel(call_id: int) -> bool:
    """Cancels a call. `False`: it has ended, or is being cancelled."""
    return current().host.cancel(call_id)
