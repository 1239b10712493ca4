"""Keeps a process that was forked from an app, or from a worker, from acting as that app or worker.

A fork has one thread and a copy of the memory. So functions that would reach the app raise in it,
nothing that ends the app runs, and signals do what they do in a Python that runs no app.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, TypeAlias
from weakref import WeakSet

from ._observe.causes import is_a
from ._observe.failures import trace_of
from .errors import ForkedError

SignalHandler: TypeAlias = Callable[[int, FrameType | None], Any] | int | signal.Handlers | None

forked = False
"""Whether this process was forked from one that had called `watch`."""

signals: dict[int, tuple[SignalHandler, SignalHandler]] = {}
"""The signals that an app or a worker handles: its own handler, and the one before it."""
wakeup = -1
"""The app's descriptor of `signal.set_wakeup_fd`."""
set_wakeup_fd = signal.set_wakeup_fd
"""That function, which an app replaces while it runs."""
portals: "WeakSet[Any]" = WeakSet()
"""Portals of anyio. Forks do not have their threads."""
duties: list[Callable[[], None]] = []
"""Functions to call in a fork. They are quick and take no lock."""

LIBRARIES = [
    getattr(signal, name)
    for name in ("SIGUSR1", "SIGXCPU", "SIGSEGV", "SIGBUS")
    if hasattr(signal, name)
]
"""Signals that WebKit handles, by which it suspends its threads and notices bad memory."""

_caught = 0
"""The signals that were handled before the app started, as a bit mask."""
_blocked = threading.local()
_watched = False


def check() -> None:
    """Raises `ForkedError` if this process is a fork."""
    if forked:
        raise ForkedError


def leave(error: BaseException | None = None) -> NoReturn:
    """Ends a fork that has come back to code that only its parent can go on with.

    It ends with the exit code of a Python that `error` ended, and runs nothing of the parent's:
    neither what `atexit` has, nor the clean-up of native libraries.
    """
    code = 0
    try:
        if error is not None and is_a(error, SystemExit):
            code = _code_of(error)
        elif error is not None:
            code = 1
            sys.stderr.write(f"{trace_of(error)}\n")
        for stream in (sys.stdout, sys.stderr):
            with suppress(Exception):
                stream.flush()
        if error is not None and is_a(error, KeyboardInterrupt):
            _die_of_interrupt()
    finally:
        os._exit(code)


def leave_step() -> NoReturn:
    """Does what `leave` does, in the `finally` of a step of a coroutine."""
    error = sys.exc_info()[1]
    leave(None if isinstance(error, StopIteration) else error)


def _die_of_interrupt() -> None:
    """Dies of SIGINT, so that the parent sees it, as with every Python that Ctrl-C ends."""
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
    """Makes forks of this process, from now on, know that they are forks."""
    global _watched, _caught
    if not _watched and hasattr(os, "register_at_fork"):
        _watched, _caught = True, caught()
        os.register_at_fork(before=_hold, after_in_parent=_release, after_in_child=_begin)


def caught() -> int:
    """The signals that this process handles, in Python or in C. Only known on Linux."""
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
    if wakeup != -1 and (fd := set_wakeup_fd(-1)) != wakeup:
        set_wakeup_fd(fd)
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
    _leave_pool()
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


class _End:
    """Work for a thread of a `ThreadPoolExecutor`, in a fork: to end the process."""

    def run(self, *_: object) -> NoReturn:
        leave()


def _leave_pool() -> None:
    """Ends this process when the thread's function returns, if the thread is one of a pool: it
    would wait for work that its parent never gives it, and do what waits for it a second time.
    """
    thread = threading.current_thread()
    # What these are is not public: another version may have them in another way.
    with suppress(Exception):
        module: Any = sys.modules.get("concurrent.futures.thread")
        if module and getattr(thread, "_target", None) is module._worker:
            # Not from the module's table of them: some versions have emptied it by now.
            arguments: Any = getattr(thread, "_args")  # noqa: B009
            work = next(it for it in arguments if hasattr(it, "get_nowait"))
            while not work.empty():
                work.get_nowait()
            work.put(_End())
    with suppress(Exception):
        if type(thread).__module__ == "anyio._backends._asyncio":
            # The queue itself: its lock may be held by a thread that is not there.
            jobs: Any = getattr(thread, "queue").queue  # noqa: B009
            jobs.clear()
            jobs.append(None)
