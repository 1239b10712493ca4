"""One call in a worker: what the native `Call` is in the host, and how it is interrupted."""

import json
import signal
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeVar, cast

from .. import _fork
from .._interrupt import here
from ..errors import Cancelled
from .channels import Outbox, WorkerChannel
from .credit import Allowance
from .landing import at_next_step, has_jumped
from .link import ERROR, JSON, JSON_ITEM, PROGRESS, RAW, RAW_ITEM, Frame, Link
from .outflow import Outflow
from .texts import written

T = TypeVar("T")

SIGNAL = signal.SIGRTMIN + 5 if hasattr(signal, "SIGRTMIN") else getattr(signal, "SIGUSR2", None)
"""The private signal: one without a meaning, where the platform has such."""


LONGEST = 256 * 1024
"""Characters of a text in a head, of which the host takes 4 MiB: 12 bytes for the widest."""


def short(details: dict[str, Any]) -> dict[str, Any]:
    """The details of an error, of which a head takes no more than it can hold."""
    fits = len(json.dumps(details)) <= LONGEST
    return details if fits else {"started": details["started"]}


class WorkerCall:
    """A call that came over the link. It ends with the first of `resolve_json`, `resolve_raw`,
    `reject` and `finish`.
    """

    def __init__(self, link: Link, frame: Frame, messages: Allowance) -> None:
        """`messages`: what may be on its way through the call's channels."""
        head = frame.head
        self.id: int = head["id"]
        self.command: str = head["command"]
        self.window: str = head["window"]
        self.module: str = head["module"]
        self.qualname: str = head["qualname"]
        self.headers = [(n.encode("latin-1"), v.encode("latin-1")) for n, v in head["headers"]]
        self.outflow = Outflow(link, self.id, head["stream"]) if head.get("stream") else None
        """The items of a stream. `None`: the page wants one value."""
        left: float | None = head["left"]
        self._deadline = None if left is None else time.monotonic() + left
        self.cancelled = False
        self.settled = False
        self.begun = False
        self.on_cancel: Callable[[], None] | None = None
        """What brings a cancel to an `async def` command."""
        self.outbox = Outbox(link, self, messages)
        self.is_raw: bool = head["body"] == "raw"
        """Whether the page sent bytes."""
        self._body = None if head["body"] == "none" else frame.body
        self._link = link
        self._armed = False
        self._raised = False
        self._shields = 0

    @property
    def time_left(self) -> float | None:
        """Seconds until the deadline, at least 0. `None`: it has none."""
        return None if self._deadline is None else max(0.0, self._deadline - time.monotonic())

    def body(self) -> bytearray | memoryview | None:
        """Takes the body, once. `None`: the page sent none."""
        body, self._body = self._body, None
        return body

    def begin(self) -> bool:
        """Marks that user code runs from here on. `False`: it must not."""
        if self.cancelled:
            return False
        self.begun = True
        return True

    # Its items.

    @property
    def wants_stream(self) -> bool:
        """Whether the page wants a stream."""
        return self.outflow is not None

    def push_json(self, item: str) -> bool | None:
        """Sends an item of a stream, as JSON text. False: there is no credit for it, push it again
        when the stream wakes. `None`: nobody wants it any more. `ValueError`: no page could read
        it.
        """
        return self._push(JSON_ITEM, written(item))

    def push_raw(self, item: bytes | memoryview) -> bool | None:
        """Sends an item of a stream, as bytes; else as `push_json`."""
        return self._push(RAW_ITEM, item)

    def _push(self, kind: bytes, item: bytes | memoryview) -> bool | None:
        outflow = self._outflow()
        if self.cancelled:
            return None
        # Half a frame would end the link.
        with self.shield():
            return outflow.push(kind, item)

    def wait_for_credit(self) -> None:
        """Waits until it is worth while to push again."""
        self._outflow().wait()

    def _outflow(self) -> Outflow:
        if self.outflow is None:
            raise RuntimeError("the page wants one value of this call")
        return self.outflow

    def open_channel(self, number: int) -> WorkerChannel:
        """Opens the channel of this number on the page that called."""
        return WorkerChannel(number, self.outbox)

    # How it ends.

    def _end(self, kind: bytes, head: dict[str, Any], body: bytes | memoryview = b"") -> bool:
        if self.settled:
            return False
        self.settled = True
        self._link.send(kind, {"id": self.id} | head, body)
        return True

    def resolve_json(self, json: str) -> bool:
        return self._resolve(JSON, written(json))

    def resolve_raw(self, bytes: bytes | memoryview) -> bool:  # noqa: A002 - the name of the native one
        return self._resolve(RAW, bytes)

    def _resolve(self, kind: bytes, result: bytes | memoryview) -> bool:
        size, limit = len(result), self._link.most
        if size <= limit:
            return self._end(kind, {}, result)
        text = f"the result has {size} bytes, and the limit is {limit}"
        return self.reject("payload-too-large", text, json.dumps({"size": size, "limit": limit}))

    def reject(self, code: str, message: str, details: str | None = None) -> bool:
        more = short({"started": self.begun} | json.loads(details or "{}"))
        return self._end(ERROR, {"code": code, "message": message[:LONGEST], "details": more})

    def finish(self) -> None:
        """Ends the call, if nothing has."""
        if self.cancelled:
            self.reject("aborted", "the call was cancelled")
        else:
            self.reject("internal", "the worker gave the call up without an answer")

    def progress(self, done: float, total: float | None = None, message: str | None = None) -> None:
        """Brings progress to the page."""
        text = message and message[:LONGEST]
        head = {"id": self.id, "done": done, "total": total, "message": text}
        # Half a frame would end the link.
        with self.shield():
            self._link.send(PROGRESS, head)

    # How it is interrupted.

    def run(self, work: Callable[[], T]) -> T:
        """Runs `work()`. While it runs, a cancel raises `Cancelled` in the main thread, once."""
        here.interrupt = cast("Any", self)
        try:
            self._armed = True
            self._raise_if_due()
            return work()
        finally:
            # What comes out before this line is the one that could come.
            self._armed = False
            here.interrupt = None

    @contextmanager
    def shield(self) -> Generator[None]:
        """Puts the raising off to its end."""
        if threading.current_thread() is not threading.main_thread():
            # Nothing is raised here, and what is raised there must not wait for this.
            yield
            return
        self._shields += 1
        try:
            yield
        finally:
            self._shields -= 1
        self._raise_if_due()

    def spend(self) -> None:
        """`Cancelled` is raised in another way: the signal must not raise it again."""
        self._raised = True

    def cancel(self) -> None:
        """Somebody asked the call to stop. On the link's thread."""
        self.cancelled = True
        if self.outflow is not None:
            self.outflow.stop()
        self.outbox.wake()
        if self.on_cancel is not None:
            self.on_cancel()
        elif SIGNAL is not None:
            signal.pthread_kill(threading.main_thread().ident or 0, SIGNAL)

    def on_signal(self, frame: FrameType | None) -> None:
        """The signal has come. On the main thread, between any two steps of whatever runs."""
        if frame is not None and has_jumped(frame):
            at_next_step(frame, self._raise_if_due)
        else:
            self._raise_if_due()

    def _raise_if_due(self) -> None:
        # A mark that is set before the raise: whatever the command does with it, it comes once.
        due = self._armed and self.cancelled and not self._raised and self._shields == 0
        if due and threading.current_thread() is threading.main_thread():
            self._raised = True
            raise Cancelled


class Current:
    """The call on the main thread: the only one that the signal may reach."""

    def __init__(self) -> None:
        self.call: WorkerCall | None = None
        if SIGNAL is not None:
            _fork.signals[SIGNAL] = (self._on_signal, signal.getsignal(SIGNAL))
            signal.signal(SIGNAL, self._on_signal)

    def _on_signal(self, _signum: int, frame: FrameType | None) -> None:
        if self.call is not None:
            self.call.on_signal(frame)
