"""Shortens the interpreter's switch interval while threads compete for the GIL.

Then a thread that computes gives the lock up sooner. This is done while plain commands run in
threads, and while calls are seen to wait for the lock.
"""

import sys
import threading
from collections.abc import Callable
from types import TracebackType

OF_CPYTHON = 0.005
"""CPython's default switch interval, in seconds."""

SHORT = 0.0005
"""The short switch interval, in seconds. A thread that asks for the interpreter's lock waits so
long before the lock is handed over. `benches/switch_interval.py` measures what each length costs
the calls and the computing.
"""


def has_lock() -> bool:
    """Whether threads share a GIL.

    They do not in a free-threaded interpreter, unless a module that it has imported needs the GIL.
    """
    is_enabled: Callable[[], bool] | None = getattr(sys, "_is_gil_enabled", None)
    return is_enabled is None or is_enabled()


class Switching:
    """Shortens the interpreter's switch interval while anybody is inside, and puts it back.

    Without the interpreter's lock there are no turns to shorten. An interval other than CPython's
    own is somebody's choice and stays, whenever it was made. In and out cost 1 µs, of the 100 that
    a call to a thread takes: too little to linger for.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._ours: float | None = None
        """The interval that was set here, as the interpreter reports it."""

    def __enter__(self) -> None:
        with self._lock:
            self._inside += 1
            if self._inside == 1 and has_lock() and sys.getswitchinterval() == OF_CPYTHON:
                sys.setswitchinterval(SHORT)
                self._ours = sys.getswitchinterval()

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0 and self._ours is not None:
                if sys.getswitchinterval() == self._ours:
                    sys.setswitchinterval(OF_CPYTHON)
                self._ours = None

    def contend(self, contended: bool) -> None:
        """Keeps the interval short from `True` to `False`, while calls wait for the lock."""
        if contended:
            self.__enter__()
        else:
            self.__exit__(None, None, None)


switching = Switching()
"""The only instance, because an interpreter has one switch interval."""
