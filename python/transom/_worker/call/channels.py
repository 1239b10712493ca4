"""Sends channel messages and events from a call in a worker to its page."""

import threading
from contextlib import AbstractContextManager
from typing import Any, Protocol, cast

from pydantic import BaseModel

from ... import _fork
from ..._call.interrupt import raise_cancelled
from ..._call.shield import is_shielded
from ..._values.models import json_of
from ...errors import WindowClosed
from ..link.frames import ASK, EVENT, JSON_MESSAGE, RAW_MESSAGE, Outlet
from ..link.texts import checked
from .credit import Allowance, Credit


class Caller(Protocol):
    """The part of a call that is needed to send messages and events."""

    @property
    def id(self) -> int: ...
    @property
    def window(self) -> str: ...
    @property
    def settled(self) -> bool: ...
    @property
    def cancelled(self) -> bool: ...
    @property
    def outbox(self) -> "Outbox": ...
    def shield(self) -> AbstractContextManager[None]: ...


class WorkerChannel:
    """A channel with the interface of the native `Channel`. It lives as long as its call."""

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
    """The part of the host's actors that a call's context uses: sending events."""

    def emit(self, call: Caller, event: str, payload: BaseModel) -> None:
        """Sends an event to the window that called; waits while the page is far behind."""
        if not all(letter.isalnum() or letter in "-/:_" for letter in event):
            raise ValueError(
                f"event name {event!r} may contain only letters, digits, `-`, `/`, `:` and `_`"
            )
        if not isinstance(cast("Any", payload), BaseModel):
            kind = type(payload).__name__
            raise TypeError(f"the payload must be a pydantic BaseModel, got {kind}")
        data = checked("payload", json_of(payload))
        call.outbox.send(EVENT, {"event": event}, data)


class Outbox:
    """The messages and events of one call. Any thread may send."""

    def __init__(self, link: Outlet, call: Caller, allowance: Allowance) -> None:
        self._link = link
        self._call = call
        self._credit = Credit(allowance)
        self._gone = False
        self._turn = threading.Condition()

    def send(self, kind: bytes, about: dict[str, Any], data: bytes) -> None:
        """Sends a message or an event, once there is credit for it.

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
        """Notes that the page has run so many messages in all. `gone`: the page is gone."""
        with self._turn:
            self._credit.taken = max(self._credit.taken, taken)
            self._gone |= gone
            self._turn.notify_all()

    def wake(self) -> None:
        """Wakes those who wait, because the call was cancelled."""
        with self._turn:
            self._turn.notify_all()
