"""What a call in a worker sends beside its result: messages of channels, and events."""

import threading
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel

from .. import _fork
from .._interrupt import raise_cancelled
from .._shield import is_shielded
from ..errors import WindowClosed
from .credit import Allowance, Credit
from .link import ASK, EVENT, JSON_MESSAGE, RAW_MESSAGE, Link
from .texts import checked

if TYPE_CHECKING:
    from .call import WorkerCall


class WorkerChannel:
    """What the native `Channel` is in the host. It lives as long as its call."""

    def __init__(self, number: int, outbox: "Outbox") -> None:
        self._number = number
        self._outbox = outbox

    def id(self) -> int:
        """Number of the channel on its page."""
        return self._number

    def send(self, data: str | bytes, /) -> None:
        """Sends JSON text (`str`) or bytes, in order; waits while the page is far behind."""
        if isinstance(data, str):
            self._outbox.send(JSON_MESSAGE, {"channel": self._number}, checked("data", data))
        elif isinstance(cast("Any", data), bytes):
            self._outbox.send(RAW_MESSAGE, {"channel": self._number}, data)
        else:
            kind = type(data).__name__
            raise TypeError(f"a channel sends JSON text (str) or bytes, got {kind}")


class Events:
    """Of the host's actors, what a call's context asks: they send its events."""

    def emit(self, call: "WorkerCall", event: str, payload: BaseModel) -> None:
        """Sends an event to the window that called; waits while the page is far behind."""
        if not all(letter.isalnum() or letter in "-/:_" for letter in event):
            raise ValueError(
                f"event name {event!r} may contain only letters, digits, `-`, `/`, `:` and `_`"
            )
        if not isinstance(cast("Any", payload), BaseModel):
            kind = type(payload).__name__
            raise TypeError(f"the payload must be a pydantic BaseModel, got {kind}")
        data = checked("payload", payload.model_dump_json())
        call.outbox.send(EVENT, {"event": event}, data)


class Outbox:
    """The messages and events of one call. Any thread may send."""

    def __init__(self, link: Link, call: "WorkerCall", allowance: Allowance) -> None:
        self._link = link
        self._call = call
        self._credit = Credit(allowance)
        self._gone = False
        self._turn = threading.Condition()

    def send(self, kind: bytes, about: dict[str, Any], data: bytes) -> None:
        """Sends a message or an event, when there is credit for it.

        Raises:
            WindowClosed: The window is gone.
            Cancelled: The call was cancelled while it waited.
            ValueError: It is larger than any result may be.
            RuntimeError: The call has ended, or this is a fork of the worker.
        """
        _fork.check()
        head = {"id": self._call.id, **about}
        self._link.check(len(data))
        # A signal in here would leave half a frame, or the lock taken: it waits for the end.
        with self._call.shield(), self._turn:
            self._wait(len(data))
            self._credit.spend(len(data))
            self._link.send(kind, head, data)

    def _wait(self, size: int) -> None:
        while True:
            if self._gone:
                raise WindowClosed(
                    f"the window `{self._call.window}`, which made this call, is gone"
                )
            if self._call.settled:
                raise RuntimeError(
                    "in a worker process channels and events end with their call, which has"
                )
            if self._credit.fits(size):
                return
            if self._call.cancelled and not is_shielded():
                raise_cancelled()
            self._link.send(ASK, {"id": self._call.id})
            self._turn.wait()

    # On the link's thread.

    def delivered(self, taken: int, gone: bool) -> None:
        """The page has run so many messages in all. `gone`: nobody runs any more of them."""
        with self._turn:
            self._credit.taken = max(self._credit.taken, taken)
            self._gone |= gone
            self._turn.notify_all()

    def wake(self) -> None:
        """The call was cancelled."""
        with self._turn:
            self._turn.notify_all()
