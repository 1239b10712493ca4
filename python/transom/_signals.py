"""Ctrl-C and SIGTERM end a running app, with the exit codes of a shell: 130 and 143."""

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType
from typing import Protocol

from . import _fork

SIGNALS = (signal.SIGINT, signal.SIGTERM)
DEFAULTS = (signal.SIG_DFL, signal.default_int_handler)


class Watch(Protocol):
    """Reads what the interpreter writes to `fileno()`, and exits the app for its signals."""

    def fileno(self) -> int: ...
    def close(self) -> None: ...


def _ignore(_signum: int, _frame: FrameType | None) -> None:
    """In an app the wake-up descriptor has told the watcher already."""


def let_interrupts_pass(before: _fork.Handler) -> None:
    """In a worker: SIGINT is for the app. Forks of it, and programs that it starts, have their own.

    `before` is what stood there when the process was started: where that was to ignore the signal,
    as under `nohup`, it stays ignored.
    """
    if before is signal.SIG_IGN:
        return
    signal.signal(signal.SIGINT, _ignore)
    # No system call of the app's libraries ends early because of it.
    signal.siginterrupt(signal.SIGINT, False)
    _fork.signals[signal.SIGINT] = (_ignore, before)


@contextmanager
def exit_on_signals(watch_signals: Callable[[list[int]], Watch]) -> Generator[None]:
    """While the main thread is inside the event loop no Python signal handler can run: the
    interpreter writes the signal's number to a socket, and a native thread that reads it exits the
    app, also while other code keeps the interpreter to itself.

    Signals for which the user has set a handler stay the user's.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ours = {s: signal.getsignal(s) for s in SIGNALS if signal.getsignal(s) in DEFAULTS}
    watch = watch_signals([*ours])
    # Before they are set: a fork of a moment in between has them too.
    _fork.signals.update({signum: (_ignore, handler) for signum, handler in ours.items()})
    _fork.wakeup = watch.fileno()
    for signum in ours:
        signal.signal(signum, _ignore)
    before = signal.set_wakeup_fd(watch.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        for signum, handler in ours.items():
            signal.signal(signum, handler)
        _fork.signals.clear()
        _fork.wakeup = -1
        watch.close()
