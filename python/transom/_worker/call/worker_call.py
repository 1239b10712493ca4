"""Implements one call in a worker, with the interface of the native `Call`, and its interrupts."""

import logging
import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from inspect import currentframe
from json import dumps, loads
from types import FrameType
from typing import Any, NoReturn, TypeVar, cast

from ... import _fork
from ..._call.interrupt import here
from ..._call.places import LATE_LOOK, LOOK, PATIENCE, Place, frames_of_threads, place_of
from ..._loops.system import Clock
from ..._loops.threads import start_thread
from ..._observe.causes import stopped_by
from ..._observe.failures import report
from ...errors import Cancelled, TransomError
from ..link.frames import ERROR, JSON, JSON_ITEM, PROGRESS, RAW, RAW_ITEM, Frame, Outlet
from ..link.texts import written
from .channels import Outbox, WorkerChannel
from .credit import Allowance
from .landing import at_next_step, has_jumped
from .outflow import Outflow

T = TypeVar("T")

log = logging.getLogger("transom.worker")

SIGNAL = signal.SIGRTMIN + 5 if hasattr(signal, "SIGRTMIN") else getattr(signal, "SIGUSR2", None)
"""The private signal. The system gives it no meaning, where such signals exist."""


LONGEST = 256 * 1024
"""The longest text in a head, in characters. The host takes 4 MiB: 12 bytes for the widest."""


def short(details: dict[str, Any]) -> dict[str, Any]:
    """The details of an error, cut to what fits into a head."""
    fits = len(dumps(details)) <= LONGEST
    return details if fits else {"started": details["started"]}


class LoopEndedError(TransomError):
    """The event loop of this worker has ended, so no `async def` command runs here any more."""


class RemoteCall:
    """A call that came over the link. It ends with the first of `resolve_json`, `resolve_raw`,
    `reject` and `finish`.
    """

    def __init__(self, link: Outlet, frame: Frame, messages: Allowance) -> None:
        """Creates it. `messages`: how much may be in transit through the call's channels."""
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
        self._deadline = None if left is None else Clock.monotonic() + left
        self.cancelled = False
        self.settled = False
        self.begun = False
        self.on_cancel: Callable[[], None] | None = None
        """Brings a cancel to an `async def` command."""
        self.outbox = Outbox(link, self, messages)
        self.is_raw: bool = head["body"] == "raw"
        """Whether the page sent bytes."""
        self._body = None if head["body"] == "none" else frame.body
        self.refused = frame.refused
        """Bytes of a body for which this worker has no memory. 0: it has."""
        self._link = link
        self._armed = False
        self._raised = False
        self._over = False
        self._shields = 0
        self._asked: float | None = None
        """When the cancel came."""
        self.cut: Place | None = None
        """The place in which the signal raised `Cancelled`, if it did."""
        self.unfit = False
        """Whether this worker should run no other call after this one."""
        self.on_end: Callable[[], None] = lambda: None
        """Called before the answer of a call that ends by itself."""

    @property
    def time_left(self) -> float | None:
        """Seconds until the deadline, at least 0. `None`: it has none."""
        return None if self._deadline is None else max(0.0, self._deadline - Clock.monotonic())

    def body(self) -> bytearray | memoryview | None:
        """Takes the body, once. `None`: the page sent none."""
        body, self._body = self._body, None
        return body

    def begin(self) -> bool:
        """Marks that user code runs from here on. `False`: it must not, as it was cancelled."""
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
        """Sends an item of a stream, as bytes. The result is that of `push_json`."""
        return self._push(RAW_ITEM, item)

    def _push(self, kind: bytes, item: bytes | memoryview) -> bool | None:
        outflow = self._outflow()
        if self.cancelled:
            return None
        # Half a frame would end the link.
        with self.shield():
            return outflow.push(kind, item)

    def wait_for_credit(self) -> None:
        """Waits until another push may succeed."""
        self._outflow().wait()

    def _outflow(self) -> Outflow:
        if self.outflow is None:
            raise RuntimeError("the page wants one value of this call")
        return self.outflow

    def open_channel(self, number: int) -> WorkerChannel:
        """Opens the channel with this number on the page that called."""
        return WorkerChannel(number, self.outbox)

    # How it ends.

    def _end(self, kind: bytes, head: dict[str, Any], body: bytes | memoryview = b"") -> bool:
        if self.settled:
            return False
        self.settled = True
        try:
            self.on_end()
        except BaseException as error:  # noqa: BLE001 - the answer must go out
            report(log, "what a call has left could not be cleaned up", error=error)
            self.unfit = True
        about = {"id": self.id, "unfit": True} if self.unfit else {"id": self.id}
        try:
            self._link.send(kind, about | head, body)
        except BaseException:
            self.settled = False  # another answer may go out
            raise
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
        return self.reject("payload-too-large", text, dumps({"size": size, "limit": limit}))

    def reject(self, code: str, message: str, details: str | None = None) -> bool:
        more = short({"started": self.begun} | loads(details or "{}"))
        return self._end(ERROR, {"code": code, "message": message[:LONGEST], "details": more})

    def finish(self) -> None:
        """Ends the call, if it has not ended."""
        if self.cancelled:
            self.reject("aborted", "the call was cancelled")
        else:
            self.reject("internal", "the worker gave the call up without an answer")

    def progress(self, done: float, total: float | None = None, message: str | None = None) -> None:
        """Sends progress to the page."""
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
        except Cancelled:
            raise
        except BaseException as error:
            if self._raised and not stopped_by((Cancelled,), error):
                # What a library has made of it.
                raise Cancelled from error
            raise
        finally:
            # What comes out before this line is the one that could come.
            self._armed = False
            self._over = True
            here.interrupt = None

    @contextmanager
    def shield(self) -> Generator[None]:
        """Delays the raising of a cancel until the end of the block."""
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
        """Uses the signal up, because `Cancelled` is raised in another way."""
        self._raised = True

    def cancel(self) -> None:
        """Asks the call to stop. Runs on the link's thread."""
        self.cancelled = True
        if self.outflow is not None:
            self.outflow.stop()
        self.outbox.wake()
        if self.on_cancel is not None:
            self.on_cancel()
        elif SIGNAL is not None:
            self._asked = Clock.monotonic()
            self._signal()
            # It may have come where it must not be raised.
            with suppress(RuntimeError):  # no thread is started any more: the process ends
                start_thread(self._insist, "transom-cancel")

    def _signal(self) -> None:
        if SIGNAL is not None:
            signal.pthread_kill(threading.main_thread().ident or 0, SIGNAL)

    def _insist(self) -> None:
        """Sends the signal until its exception was raised at a suitable place, or the call ends."""
        main = threading.main_thread().ident
        while not (self._raised or self._over or self.settled):
            Clock.sleep(LATE_LOOK if self._is_late else LOOK)
            frame = frames_of_threads().get(main or 0)
            if self._armed and not self._raised and self._takes(self._place(frame)):
                self._signal()

    @property
    def _is_late(self) -> bool:
        return self._asked is not None and Clock.monotonic() - self._asked > PATIENCE

    def _place(self, frame: FrameType | None) -> Place:
        return place_of(frame, RUN, self.module)

    def _takes(self, place: Place) -> bool:
        return place.takes(late=self._is_late)

    def on_signal(self, frame: FrameType | None) -> None:
        """Handles the signal on the main thread, between any two steps of the running code."""
        place = self._place(frame)
        if frame is None or not self._is_due() or not self._takes(place):
            return
        if has_jumped(frame):
            at_next_step(frame, lambda: self._cut(self._place(frame)))
        else:
            self._cut(place)

    def _cut(self, place: Place) -> None:
        if self._is_due():
            self.cut = place
            self._raise()

    def _raise_if_due(self) -> None:
        # No import ends before its time, whoever asks.
        if self._is_due() and self._place(currentframe()) is not Place.IMPORT:
            self._raise()

    def _is_due(self) -> bool:
        due = self._armed and self.cancelled and not self._raised and self._shields == 0
        return due and threading.current_thread() is threading.main_thread()

    def _raise(self) -> NoReturn:
        # A mark that is set before the raise: whatever the command does with it, it comes once.
        self._raised = True
        raise Cancelled


RUN = RemoteCall.run.__code__
"""The code that calls the command. Only frames above it belong to the call."""


class Current:
    """The call on the main thread: the only one that the signal may reach."""

    def __init__(self) -> None:
        self.call: RemoteCall | None = None
        if SIGNAL is not None:
            _fork.signals[SIGNAL] = (self._on_signal, signal.getsignal(SIGNAL))
            signal.signal(SIGNAL, self._on_signal)

    def _on_signal(self, _signum: int, frame: FrameType | None) -> None:
        if self.call is not None:
            self.call.on_signal(frame)
