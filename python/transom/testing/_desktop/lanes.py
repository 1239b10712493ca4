"""Calls the handlers of an app: plain ones on a thread, `async def` ones on the portal."""

import threading
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from queue import SimpleQueue

from anyio.from_thread import BlockingPortal

from ..._app.callbacks import Errand, Starter, call, run_errands
from ..._app.runtime import Runtime, set_for_call
from ..._native import WindowArgumentReader

PATIENCE = 1.0
"""Seconds that `async def` handlers get, at the end of the app, after their cancel."""


class LaneHandler:
    """A handler that a command has set."""

    def __init__(self, func: Callable[..., object]) -> None:
        """`TypeError`, `ValueError`: an app would refuse it."""
        self.is_async: bool = WindowArgumentReader.handler(func)
        self.func = func
        self.unawaited = False
        """Whether it has returned what nobody awaits."""


class Hearing:
    """Tells when every handler has ended that was called for one thing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open = 1
        self._heard = list[Callable[[], object]]()

    def add(self) -> None:
        """One more handler is called."""
        with self._lock:
            self._open += 1

    def end(self) -> None:
        """A handler has ended; or, once, who began this will call no more of them."""
        self._settle(1)

    def cut(self) -> None:
        """Nobody has to wait for the handlers any more."""
        self._settle(self._open)

    def _settle(self, ended: int) -> None:
        heard = list[Callable[[], object]]()
        with self._lock:
            self._open = max(0, self._open - ended)
            if not self._open:
                heard, self._heard = self._heard, heard
        for tell in heard:
            tell()

    def on_end(self, tell: Callable[[], object]) -> None:
        """Calls `tell()` when all have ended, on any thread, or at once."""
        with self._lock:
            over = not self._open
            if not over:
                self._heard.append(tell)
        if over:
            tell()


class _Done:
    """What is called at the end of one call of a handler."""

    bounded = False

    def __init__(self, handler: LaneHandler, ended: Callable[[], object]) -> None:
        self._handler = handler
        self._ended = ended

    def __call__(self, succeeded: bool, value: object, /) -> None:
        self._ended()

    def is_first_unawaited(self) -> bool:
        first = not self._handler.unawaited
        self._handler.unawaited = True
        return first


class _Lane:
    """A thread that does one errand after the other. The first one starts it."""

    def __init__(self, name: str, work: Callable[..., None], prepare: Callable[[], object]) -> None:
        self._name = name
        self._work = work
        self._prepare = prepare
        self._errands = SimpleQueue[Errand | None]()
        self._thread: threading.Thread | None = None

    def post(self, errand: Errand) -> None:
        self._errands.put(errand)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()

    def _run(self) -> None:
        self._prepare()
        run_errands(self._errands.get, self._work)

    def end(self) -> None:
        self._errands.put(None)
        if self._thread is not None:
            self._thread.join(PATIENCE)


class Lanes:
    """The two threads of an app for its handlers. It is used under the lock of the desktop."""

    def __init__(self, runtime: Runtime) -> None:
        def prepare() -> None:
            set_for_call(runtime)  # what is started here inherits it

        self._starter = Starter()
        self._plain = _Lane("transom-test-callbacks", partial(call, context=copy_context), prepare)
        self._async = _Lane("transom-test-starter", self._starter.start, prepare)
        self._portal: BlockingPortal | None = None

    def set_portal(self, portal: BlockingPortal) -> None:
        """Says where `async def` handlers run."""
        self._portal = portal
        self._starter.set_portal(portal)

    def post(
        self, handler: LaneHandler, args: tuple[object, ...], ended: Callable[[], object]
    ) -> None:
        """Has `handler(*args)` called, and `ended()` after it, however it ends."""
        lane = self._async if handler.is_async else self._plain
        lane.post((handler.func, args, _Done(handler, ended)))

    def end(self) -> None:
        """Ends both threads, and cancels the handlers that still run on the portal."""
        self._plain.end()
        self._async.end()
        if self._portal is not None:
            with suppress(RuntimeError):  # the portal has ended
                self._portal.call(self._starter.end, PATIENCE)
        self._starter.set_portal(None)
