"""Ends the process when the event loop or the interpreter cannot end in time by itself.

1. The app's own end, until `run_return` comes back: calls, callbacks, what is left on the event
   loop. It has 9 seconds from the request to exit: first a thread of Rust sees to that, then
   `OwnEnd`.
2. The code of the app's author after `run_return` takes as long as it likes. A process that goes on
   living there is left alone.
3. The interpreter's end (`threading._shutdown`, `atexit`) has what 1 has left of `CEILING`, and
   `LEAST` in any case.
4. Before it finalizes, no thread may be above native frames of ours. They have `GATE` seconds.

What takes longer ends with the process, after what is registered with `atexit`, with the exit code
that was asked for.
"""

import atexit
import concurrent.futures.thread
import faulthandler
import logging
import os
import sys
import threading
from time import monotonic, sleep
from types import FrameType, ModuleType
from typing import TYPE_CHECKING, Any, NoReturn, cast

from .._native import App, close_gate
from .._observe.failures import report

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

    from .._native import Doom  # an app in Rust has none
    from .runtime import Portal

CEILING = 8.0
"""The limit for steps 1 and 3, in seconds. Together with `HOOKS` it is less than 10."""
OWN = 9.2
"""The limit for step 1 where Python's code gets to run only now and then, in seconds."""
LAST = 9.8
"""Where step 1 cannot end, the process is to end within this many seconds."""
LATE = 7.5
"""From this many seconds on, an own end may have waited for the interpreter's lock."""
PAUSE = 0.02
LONG_WAIT = 0.15
"""Seconds of waiting for the interpreter's lock. Python code gives it up within 0.005."""
CLEAN_UP = 6.0
"""Seconds from the request to exit, in which tasks clean up after their cancel."""
LEAST_CLEAN_UP = 0.5
LEAST = 2.0
QUICK = 2.0
"""Code of the author after `run_return` counts as part of the end up to this many seconds."""
HOOKS = 1.4
"""Seconds for what is registered with `atexit`, where the process is ended."""
CHILDREN = 0.2
"""Seconds that a child process has to end before it is killed."""
WORDS = 0.3
"""Seconds that the logging has for what it is told last."""
GATE = 1.0

log = logging.getLogger("transom")

_process = os.getpid()
"""The process that is watched. A fork of it runs none of this."""


class OwnEnd:
    """Limits the rest of the app's own end, from where the native loop has come back."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._code = 1
        self._began = 0.0
        self._doom: Doom | None = None

    def begin(self, code: int) -> None:
        """Limits the end from here on. `code` was asked for."""
        self._code = code
        self._began = monotonic() - (self.app.took() or 0.0)
        # Python code cannot run while a C function keeps the GIL: this needs none.
        self._doom = self.app.end_process_in(max(LEAST_CLEAN_UP, OWN - self.took()), code)

    def took(self) -> float:
        """How many seconds the end has taken so far."""
        return monotonic() - self._began if self._began else 0.0

    def leave_loop(self, executor: "Portal") -> None:
        """Makes the portal ready to be closed at once.

        If something blocks its event loop, the process ends here, after printing where each thread
        stands.
        """
        if not executor.leave(max(LEAST_CLEAN_UP, CLEAN_UP - self.took())):
            self._leave_process(
                "an async command blocks the event loop, or goes on after its cancel; "
                "the process ends without it"
            )

    def finish(self) -> None:
        """Lets the code of the author go on.

        What follows needs the interpreter's lock many times, such as the end of the portal. Where
        other threads keep that for long, so that the end is late, the process ends here too.
        """
        try:
            if self.took() > LATE and _is_starved():
                self._leave_process(
                    "a thread keeps the interpreter to itself; the process ends without it"
                )
        finally:
            if self._doom is not None:
                self._doom.avert()

    def _leave_process(self, why: str) -> NoReturn:
        patience = min(HOOKS, max(LEAST_CLEAN_UP, LAST - self.took()))
        self.app.end_process_in(patience, self._code).seal()
        if self._doom is not None:
            self._doom.avert()
        announce(why)
        faulthandler.dump_traceback()
        run_hooks_and_leave(self._code)


def _is_starved() -> bool:
    """Whether a thread that lets go of the interpreter's lock waits long for it, twice in a row."""
    for _ in range(2):
        began = monotonic()
        sleep(PAUSE)  # the other one takes it
        if monotonic() - began < PAUSE + LONG_WAIT:
            return False
    return True


def announce(message: str, *args: object) -> None:
    """Logs why the process ends. A handler of the logging may be what keeps it from ending by
    itself: then it is written to stderr.
    """

    def write() -> None:
        report(log, message, *args, level=logging.CRITICAL)

    thread = threading.Thread(target=write, name="transom-last-words", daemon=True)
    thread.start()
    thread.join(WORDS)
    if thread.is_alive():
        text = message % args if args else message
        os.write(2, f"transom: {text}; the logging does not take this\n".encode(errors="replace"))


def run_hooks_and_leave(code: int) -> NoReturn:
    """Ends the process and its children, after running the functions registered with `atexit`.

    The caller has limited how long these may take.
    """
    end_children()
    try:
        atexit._run_exitfuncs()  # pyright: ignore[reportPrivateUsage] - there is no other way now
    finally:
        leave_process(code)


def leave_process(code: int) -> NoReturn:
    """Ends the process without Python's clean-up."""
    try:
        flush()
    finally:
        os._exit(code)


def flush() -> None:
    """Flushes the standard streams of a process that ends without Python's clean-up."""
    for stream in (sys.stdout, sys.stderr):
        # `None` without a console.
        if stream is not None:  # pyright: ignore[reportUnnecessaryComparison]
            stream.flush()


def code_of(error: SystemExit) -> int:
    """The exit code that Python gives to a process which ends with this exception."""
    match error.code:
        case None:
            return 0
        case int(code):
            return code & 0xFF
        case _:
            return 1


class InterpreterEnd:
    """Limits how long the interpreter's end may take, once there was an app."""

    def __init__(self, app: App, code: int, spent: float) -> None:
        """`code` was asked for; the app's own end took `spent` seconds."""
        self._app = app
        self._code = code
        self._spent = spent
        self._returned = monotonic()
        self._patience = LEAST
        self._begun = threading.Event()
        self._in_hooks = threading.Event()
        self._over = threading.Event()
        # Now: an interpreter that ends starts no threads.
        threading.Thread(target=self._watch, name="transom-end", daemon=True).start()
        # Called before the first thread is joined, and before what was registered so far: that of
        # executors' threads, whose module is loaded.
        threading._register_atexit(self._begin)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]

    def _begin(self) -> None:
        if os.getpid() == _process:
            # Of all that is registered the last, and so the first to be called.
            atexit.register(self._in_hooks.set)
            self._patience = max(LEAST, CEILING - self.spent())
            self._app.end_process_in(self._patience + HOOKS, self.code()).seal()
            self._begun.set()

    def spent(self) -> float:
        """How many seconds the end has taken so far."""
        between = monotonic() - self._returned
        return self._spent + (between if between < QUICK else 0.0)

    def took(self, seconds: float) -> None:
        """Notes that something of Transom's has just taken so long, after `run_return`."""
        self._spent = min(CEILING, self.spent() + (seconds if seconds >= QUICK else 0.0))
        self._returned = monotonic()

    def leave(self) -> NoReturn:
        """Ends the process now."""
        faulthandler.dump_traceback()
        self._app.end_process_in(HOOKS, self.code()).seal()
        run_hooks_and_leave(self.code())

    def code(self) -> int:
        """The exit code that was asked for, or that an exception leads to."""
        error = getattr(sys, "last_value", None)
        if error is None:
            return self._code
        return 130 if isinstance(error, KeyboardInterrupt) else 1

    def finish(self) -> None:
        """Notes that all registered functions have been called."""
        self._over.set()

    def _watch(self) -> None:
        self._begun.wait()
        if self._over.wait(self._patience):
            return
        announce("the process ends without %s", what_is_left())
        end_children()
        # They may be what the main thread waited for; then it goes on by itself.
        if self._over.wait(CHILDREN):
            return
        try:
            if not self._in_hooks.is_set():
                atexit._run_exitfuncs()  # pyright: ignore[reportPrivateUsage]
        finally:
            leave_process(self.code())


_end: InterpreterEnd | None = None


def watch_interpreter(app: App, code: int, spent: float) -> None:
    """Limits the interpreter's end from here on."""
    global _end  # noqa: PLW0603 - a process has one end
    try:
        _end = InterpreterEnd(app, code, spent)
    except RuntimeError:
        log.debug("the interpreter ends already")


def patience() -> float:
    """How many seconds tasks get to end after their cancel: less after an app's own end."""
    return CLEAN_UP if _end is None else max(LEAST, CLEAN_UP - _end.spent())


def took(seconds: float) -> None:
    """Notes that tasks have taken so long to end."""
    if _end is not None:
        _end.took(seconds)


def leave_after_app() -> None:
    """Ends the process if an app has run: its event loop is not going to end."""
    if _end is not None:
        _end.leave()


def _close() -> None:
    """Closes the native gate, as the last function before the interpreter finalizes.

    Finalizing cuts off threads that run then, so none may stand above native frames.
    """
    if os.getpid() != _process:
        return
    if _end is not None:
        _end.finish()
    if not close_gate(GATE):
        text = "the process ends without a thread that is inside a call of Tauri's"
        report(log, text, level=logging.WARNING)
        leave_process(_end.code() if _end else 1)


# Registered first, it is called last.
atexit.register(_close)


def what_is_left() -> str:
    """What keeps the interpreter from ending, for the log."""
    frames = sys._current_frames()  # pyright: ignore[reportPrivateUsage]
    # Joined though they are daemons: those of executors.
    module: Any = concurrent.futures.thread
    joined = set[object](module._threads_queues)
    left = [
        f"the thread `{it.name}`{_place(frames.get(it.ident or 0))}"
        for it in threading.enumerate()
        if it is not threading.main_thread() and (it in joined or not it.daemon)
    ]
    left += [f"the process `{it.name}` ({it.pid})" for it in children()]
    return ", ".join(left) or "what is registered with `atexit`, which does not end"


def _place(frame: FrameType | None) -> str:
    if frame is None:
        return ""
    code = frame.f_code
    return f" (in `{code.co_name}`, {code.co_filename}:{frame.f_lineno})"


def children() -> "list[BaseProcess]":
    """The processes that `multiprocessing` has started here, also those of its pools."""
    module = cast("ModuleType | Any", sys.modules.get("multiprocessing.process"))
    return [] if module is None else module.active_children()


def end_children() -> None:
    """Ends the processes that `multiprocessing` has started."""
    left = children()
    for child in left:
        child.terminate()
    for child in left:
        child.join(CHILDREN)
        if child.exitcode is None:
            child.kill()
