"""Ctrl-C and SIGTERM end a running app, with the exit codes of a shell: 130 and 143."""

import signal
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
DEFAULTS = (signal.SIG_DFL, signal.default_int_handler)


def _ignore(_signum: int, _frame: FrameType | None) -> None:
    """The wake-up descriptor has told the watcher already."""


@contextmanager
def exit_on_signals(exit_app: Callable[[int], None]) -> Generator[None]:
    """While the main thread is inside the event loop no Python signal handler can run: the
    interpreter writes the signal's number to a socket, and a thread that reads it exits the app.

    Signals for which the user has set a handler stay the user's.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ours = {s: signal.getsignal(s) for s in SIGNALS if signal.getsignal(s) in DEFAULTS}
    reader, writer = socket.socketpair()
    writer.setblocking(False)

    def watch() -> None:
        with reader:
            while data := reader.recv(1):
                if data[0] in ours:
                    exit_app(128 + data[0])

    thread = threading.Thread(target=watch, name="transom-signals", daemon=True)
    thread.start()
    for signum in ours:
        signal.signal(signum, _ignore)
    before = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        for signum, handler in ours.items():
            signal.signal(signum, handler)
        writer.close()
        thread.join()
