"""Interrupts a thread's call: `@commands.command(interrupt=True)`.

An asynchronous exception comes out between two bytecodes of its thread, wherever that is by then.
Here one comes out inside the call that it is meant for, or not at all: at a step of the app's own
code, as long as there is hope for one, and never while an import is under way.
"""

import ctypes
import logging
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from enum import Enum, auto
from functools import partial
from inspect import currentframe
from typing import NoReturn, TypeVar

from .._loops.system import Clock
from .._loops.threads import start_thread
from .._native import Call, Cancels
from .._observe.causes import stopped_by
from .._observe.failures import report
from ..errors import Cancelled
from .places import (
    COMES_LATER,
    LATE_LOOK,
    LOOK,
    PATIENCE_IN_HOST,
    Place,
    frames_of_threads,
    place_of,
)

T = TypeVar("T")

log = logging.getLogger("transom")

_raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
_raise_in.argtypes = (ctypes.c_ulong, ctypes.py_object)
_NOTHING = ctypes.py_object()
"""The NULL of C. It takes back an exception that has not been raised yet."""


class _State(Enum):
    CLOSED = auto()
    """No interrupt may come."""
    OPEN = auto()
    SPENT = auto()
    """The one interrupt was sent, or the call is over. The state never becomes `OPEN` again."""


class Interrupt:
    """The right to interrupt one call, once.

    `interrupt` sends under the lock, while the state is `OPEN`. The call's own thread enters and
    leaves that state under the same lock, so it knows that nothing can come any more. What comes
    out while it holds the lock leaves the lock locked: the state is `SPENT` then, and nobody asks
    for the lock.
    """

    __slots__ = ("_asked", "_lock", "_module", "_raised", "_shields", "_state", "_thread")

    def __init__(self, module: str = "__main__") -> None:
        """`module`: where the command was defined."""
        self._thread = threading.get_ident()
        self._module = module
        self._lock = threading.Lock()
        self._state = _State.CLOSED
        self._asked: float | None = None
        """When the interrupt was asked for."""
        self._raised = False
        self._shields = 0

    @property
    def is_over(self) -> bool:
        """Whether no more tries are needed."""
        return self._state is _State.SPENT

    @property
    def is_late(self) -> bool:
        """Whether it has waited long enough for a step of the app's own code."""
        return self._asked is not None and Clock.monotonic() - self._asked > PATIENCE_IN_HOST

    def interrupt(self) -> bool:
        """Raises `Cancelled` in the call's thread, if that is where it may come out; when it is
        shielded, at the shield's end.

        Whether it was sent. If not, it has to be tried again until it `is_over`.
        """
        if self._state is _State.SPENT:
            return False
        with self._lock:
            if self._asked is None:
                self._asked = Clock.monotonic()
            if self._state is not _State.OPEN:
                return False
            frame = frames_of_threads().get(self._thread)
            place = place_of(frame, RUN, self._module, later=COMES_LATER)
            if not place.takes(late=self.is_late):
                return False
            # The thread may have gone on since that look.
            where = (self._thread, frame, frames_of_threads)
            if not Cancels.raise_at(*where, _raise_in, Cancelled):
                return False
            self._raised = True
            # After it was sent: who sees this may take it back.
            self._state = _State.SPENT
            return True

    # The call's own thread.

    def run(self, work: Callable[[], T]) -> T:
        """Runs `work()`, interruptibly. After this, however it ends, no interrupt comes."""
        here.interrupt = self
        try:
            try:
                self._open()
                return work()
            finally:
                # What comes out in here is the one that could come.
                self.close()
                self._state = _State.SPENT
        except Cancelled:
            raise
        except BaseException as error:
            if self._raised and not stopped_by((Cancelled,), error):
                # What a library has made of it.
                raise Cancelled from error
            raise
        finally:
            here.interrupt = None

    @contextmanager
    def shield(self) -> Generator[None]:
        """Keeps an interrupt off until the end of the block."""
        if not self._shields:
            self.close()
        self._shields += 1
        try:
            yield
        finally:
            self._shields -= 1
            if not self._shields:
                self._open()

    def close(self) -> None:
        """Ends the interrupts. One that was sent already comes out in here."""
        if self._state is not _State.SPENT:
            self._lock.acquire()
            if self._state is _State.OPEN:
                self._state = _State.CLOSED
            self._lock.release()
        if self._state is _State.SPENT:
            _raise_in(self._thread, _NOTHING)

    def _open(self) -> None:
        if self._state is _State.SPENT:
            return
        with self._lock:
            self._state = _State.OPEN
            asked = self._asked is not None
        # Asked before, so not sent, or after, so sent if this does not close first.
        if asked and place_of(currentframe(), RUN, self._module) is not Place.IMPORT:
            self.spend()
            raise Cancelled

    def spend(self) -> None:
        """Uses the interrupt up, because `Cancelled` is raised here in another way."""
        self.close()
        self._raised = True
        self._state = _State.SPENT


RUN = Interrupt.run.__code__
"""The code that calls the command. Only frames above it belong to the call."""


class _Here(threading.local):
    """The interruptible call that this thread runs."""

    call: Call | None = None
    interrupt: Interrupt | None = None
    serves_all: bool = False
    """Whether this thread runs work for the whole app, one piece after the other."""


here = _Here()


def raise_cancelled() -> NoReturn:
    """Raises `Cancelled` in this thread's call, once, even if other ways would raise it too."""
    if here.interrupt is not None:
        here.interrupt.spend()
    raise Cancelled


class Interrupter:
    """Interrupts the threads of calls that were cancelled, from a thread of its own."""

    def __init__(self, count: Callable[[], None]) -> None:
        """Creates it. `count` is called for each call that is interrupted."""
        self._count = count
        self._cancels = Cancels()
        self._running: dict[int, Interrupt] = {}
        self._lock = threading.Lock()
        self._started = False

    def run(self, call: Call, module: str, work: Callable[[], T]) -> T:
        """Runs the work of `call`, a command of `module`, on this thread, interruptibly."""
        self._start()
        interrupt = self._running[call.id] = Interrupt(module)
        try:
            self._cancels.watch(call)
            return interrupt.run(work)
        finally:
            del self._running[call.id]

    def close(self) -> None:
        """Ends the thread."""
        self._cancels.close()

    def _start(self) -> None:
        with self._lock:
            if not self._started:
                self._started = True
                start_thread(self._serve, "transom-interrupts")

    def _serve(self) -> None:
        while (key := self._cancels.take()) is not None:
            try:
                self._interrupt(self._running.get(key))
            except BaseException as error:  # noqa: BLE001 - the next call may be interrupted too
                report(log, "a call could not be interrupted", error=error)

    def _interrupt(self, interrupt: Interrupt | None) -> None:
        if interrupt is None:
            return
        if interrupt.interrupt():
            self._count()
        elif not interrupt.is_over:
            insist = partial(self._insist, interrupt)
            start_thread(insist, "transom-interrupt")

    def _insist(self, interrupt: Interrupt) -> None:
        """Tries until the interrupt comes out, or the call has ended."""
        while not interrupt.is_over:
            if interrupt.interrupt():
                self._count()
            else:
                Clock.sleep(LATE_LOOK if interrupt.is_late else LOOK)
