"""A process that is forked from an app, or from one of its workers, is neither.

It has one thread and a copy of the memory. So what would reach the app raises there, nothing that
ends the app runs, and signals do what they do in a Python that runs no app.
"""

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, TypeAlias
from weakref import WeakSet

from .errors import ForkedError

Handler: TypeAlias = Callable[[int, FrameType | None], Any] | int | signal.Handlers | None

forked = False
"""Whether this process was forked from one that had called `watch`."""

signals: dict[int, tuple[Handler, Handler]] = {}
"""What an app or a worker handles: by number, its own handler and what was there before."""
wakeup = -1
"""The app's descriptor of `signal.set_wakeup_fd`."""
portals: "WeakSet[Any]" = WeakSet()
"""Portals of anyio whose threads forks do not have."""
duties: list[Callable[[], None]] = []
"""What else is to be done in a fork, quickly and without a lock."""

LIBRARIES = [
    getattr(signal, name)
    for name in ("SIGUSR1", "SIGXCPU", "SIGSEGV", "SIGBUS")
    if hasattr(signal, name)
]
"""Signals that WebKit handles, by which it suspends its threads and notices bad memory."""

_caught = 0
"""The signals that were handled before the app has started, a bit each."""
_blocked = threading.local()
_watched = False


def check() -> None:
    """Raises `ForkedError` in a fork."""
    if forked:
        raise ForkedError


def leave(error: BaseException | None = None) -> NoReturn:
    """Ends a fork that has come back to code that only its parent can go on with.

    It ends with the exit code of a Python that `error` ended, and runs nothing of the parent's:
    neither what `atexit` has, nor the clean-up of native libraries.
    """
    code = 0
    try:
        if isinstance(error, SystemExit):
            code = _code_of(error)
        elif error is not None:
            code = 1
            traceback.print_exception(error)
        for stream in (sys.stdout, sys.stderr):
            with suppress(Exception):
                stream.flush()
        if isinstance(error, KeyboardInterrupt):
            _die_of_interrupt()
    finally:
        os._exit(code)


def leave_step() -> NoReturn:
    """As `leave`, in the `finally` of a step of a coroutine."""
    error = sys.exc_info()[1]
    leave(None if isinstance(error, StopIteration) else error)


def _die_of_interrupt() -> None:
    """So that its parent sees what ended it, as of every Python that Ctrl-C ends."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGINT)


def _code_of(error: SystemExit) -> int:
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code & 0xFF
    sys.stderr.write(f"{error.code}\n")
    return 1


def watch() -> None:
    """From now on forks of this process know that they are forks."""
    global _watched, _caught
    if not _watched and hasattr(os, "register_at_fork"):
        _watched, _caught = True, caught()
        os.register_at_fork(before=_hold, after_in_parent=_release, after_in_child=_begin)


def caught() -> int:
    """The signals that this process handles, in Python or in C. Linux; elsewhere nobody knows."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return 0
    return int(status.partition("SigCgt:")[2].split()[0], 16)


def _hold() -> None:
    # A signal that came to the fork before its handlers are plain would be the app's.
    _blocked.mask = signal.pthread_sigmask(signal.SIG_BLOCK, [*signals, *LIBRARIES[:2]])


def _release() -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, _blocked.mask)


def _begin() -> None:
    global forked  # noqa: PLW0603 - of this process
    forked = True
    if wakeup != -1 and (fd := signal.set_wakeup_fd(-1)) != wakeup:
        signal.set_wakeup_fd(fd)
    for number, (ours, before) in signals.items():
        if signal.getsignal(number) == ours:
            signal.signal(number, before)
    for number in LIBRARIES:
        # What Python thinks that it does, unless there was a handler of C's before.
        plain = signal.getsignal(number)
        if plain in (signal.SIG_DFL, signal.SIG_IGN) and not _caught >> (number - 1) & 1:
            signal.signal(number, plain)
    for portal in portals:
        # Else who asks it waits for ever.
        portal._event_loop_thread_id = None
    for act in duties:
        act()
    _leave_trio()
    try:
        _release()
    except KeyboardInterrupt:
        # Nothing comes out of what runs at a fork: it would be lost.
        _die_of_interrupt()


def _leave_trio() -> None:
    """Ends this process when trio, on whose thread it was forked, gets to run again."""
    if "trio" not in sys.modules:
        return
    import trio  # noqa: PLC0415

    class Ender(trio.abc.Instrument):
        def after_task_step(self, task: Any) -> NoReturn:
            leave()

    # `RuntimeError`: trio does not run on this thread.
    with suppress(RuntimeError):
        trio.lowlevel.add_instrument(Ender())
