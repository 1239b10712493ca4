"""Lists and cancels the calls of an app; implements `AppHandle.calls()`."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, NamedTuple

from .._app.runtime import current

if TYPE_CHECKING:
    from .._native import Host

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
    age: float
    """Seconds since the call was accepted."""
    executor: str | None = None
    """The executor that has the call. `None`: it waits for one."""
    queued: float = 0.0
    """Seconds from its acceptance until its code began, or until now."""
    ran: float | None = None
    """Seconds since its code began. `None`: it has not."""
    detached: bool = False
    """Whether its page is gone and it goes on as a job: its command has `on_close="detach"`."""


Way = tuple[str | None, float, float | None]
"""The executor, the seconds in the queue, the seconds since then."""
Told = tuple[float, float | None, str | None]
Row = tuple[int, str, str, CallState, Told | None, float, Way, bool]
"""A call as the native side gives it."""


def calls() -> list[CallInfo]:
    """The calls whose work has not ended, oldest first."""
    return calls_of(current().host)


def calls_of(host: "Host") -> list[CallInfo]:
    """The calls of the app that these actors serve."""
    return infos(host.calls())


def infos(rows: Iterable[Row]) -> list[CallInfo]:
    """Converts the native side's rows into `CallInfo` objects."""
    return [
        CallInfo(
            key, command, window, state, Progress(*told) if told else None, age, *way, detached
        )
        for key, command, window, state, told, age, way, detached in rows
    ]


def cancel(call_id: int) -> bool:
    """Cancels a call. `False`: it has ended, or is being cancelled."""
    return current().host.cancel(call_id)
