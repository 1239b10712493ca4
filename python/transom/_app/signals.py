"""Handles signals while an app runs: Ctrl-C and SIGTERM exit it, with 130 and 143 as in a shell."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, Protocol, cast

from .. import _fork

SIGNALS = (signal.SIGINT, signal.SIGTERM)
DEFAULTS = (signal.SIG_DFL, signal.default_int_handler)


class Watch(Protocol):
    """Reads what the interpreter writes to `fileno()`, and exits the app on its signals."""

    def fileno(self) -> int: ...
    def close(self) -> None: ...


_missed = -1
"""The watcher's descriptor, while the interpreter writes signals to another one."""


def _ignore(signum: int, _frame: FrameType | None) -> None:
    """Does nothing where the wake-up descriptor has told the watcher already."""
    if _missed != -1 and sys.platform != "win32":
        with suppress(OSError):
            os.write(_missed, bytes((signum,)))


@contextmanager
def wake_up(fd: int) -> Generator[None]:
    """Has the interpreter write signals to `fd`, also after other code has done without.

    An event loop that runs on the main thread and handles signals takes the descriptor for itself,
    as in `setup` or `run_on_main_thread`: asyncio's after `add_signal_handler`, anyio's in
    `open_signal_receiver`. Where its end sets none, it is to be the app's again. Else the app would
    hear of no signal any more.
    """
    set_fd = _fork.set_wakeup_fd
    before = set_fd(fd, warn_on_full_buffer=False)

    def set_wakeup_fd(number: int, /, *, warn_on_full_buffer: bool = True) -> int:
        global _missed  # noqa: PLW0603 - of the interpreter
        if _fork.forked:
            return set_fd(number, warn_on_full_buffer=warn_on_full_buffer)
        none = number in (-1, fd)
        last = set_fd(fd if none else number, warn_on_full_buffer=warn_on_full_buffer and not none)
        _missed = -1 if none else fd
        return -1 if last == fd else last

    module = cast("Any", signal)
    module.set_wakeup_fd = set_wakeup_fd
    try:
        yield
    finally:
        if module.set_wakeup_fd is set_wakeup_fd:
            module.set_wakeup_fd = set_fd
        set_wakeup_fd(-1)
        set_fd(before)


def let_interrupts_pass(before: _fork.SignalHandler) -> None:
    """Ignores SIGINT in a worker, because it is for the app, but not in its forks and programs.

    `before` is what stood there when the process was started: where that was to ignore the signal,
    as under `nohup`, it stays ignored.
    """
    if before is signal.SIG_IGN:
        return
    signal.signal(signal.SIGINT, _ignore)
    # No system call of the app's libraries ends early because of it.
    signal.siginterrupt(signal.SIGINT, False)
    _fork.signals[signal.SIGINT] = (_ignore, before)


def is_own(signum: int) -> bool:
    """Whether the program has set a handler of its own while the app runs."""
    return signal.getsignal(signum) is not _ignore


@contextmanager
def exit_on_signals(
    watch_signals: Callable[[list[int], Callable[[int], bool]], Watch],
) -> Generator[None]:
    """While the main thread is inside the event loop Python runs no signal handler: the interpreter
    writes the signal's number to a socket, which a native thread reads. That exits the app, also
    while other code keeps the interpreter to itself.

    Signals for which the program has set a handler, before or meanwhile, stay the program's: that
    thread makes the main thread run their handlers.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ours = {s: signal.getsignal(s) for s in SIGNALS if signal.getsignal(s) in DEFAULTS}
    watch = watch_signals([*ours], is_own)
    # Before they are set: a fork of a moment in between has them too.
    _fork.signals.update({signum: (_ignore, handler) for signum, handler in ours.items()})
    _fork.wakeup = watch.fileno()
    for signum in ours:
        signal.signal(signum, _ignore)
    try:
        with wake_up(watch.fileno()):
            yield
    finally:
        for signum, handler in ours.items():
            if not is_own(signum):
                signal.signal(signum, handler)
        _fork.signals.clear()
        _fork.wakeup = -1
        watch.close()
