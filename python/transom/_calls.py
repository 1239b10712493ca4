"""The calls of an app, for a view of its tasks: behind `AppHandle.calls()`."""

from typing import TYPE_CHECKING, Literal, NamedTuple

from ._runtime import current

if TYPE_CHECKING:
    from ._native import Host

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
    executor: str | None = None
    """The executor that has the call. `None`: it waits for one."""
    queued: float = 0.0
    """Seconds from its acceptance until its code began, or until now."""
    ran: float | None = None
    """Seconds since its code began. `None`: it has not."""


def calls() -> list[CallInfo]:
    """The calls whose work has not ended, oldest first."""
    return calls_of(current().host)


def calls_of(host: "Host") -> list[CallInfo]:
    """The calls of the app that these actors serve."""
    return [
        CallInfo(key, command, window, state, Progress(*done) if done else None, age, *way)
        for key, command, window, state, done, age, way in host.calls()
    ]


def cancel(call_id: int) -> bool:
    """Cancels a call. `False`: it has ended, or is being cancelled."""
    return current().host.cancel(call_id)
