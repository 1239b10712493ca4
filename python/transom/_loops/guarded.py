"""Keeps what an event loop needs to go on from commands, which share it with each other.

`loop.stop()` would end it with all that runs there. Without the reader of its own descriptor it
would hear no thread any more. `asyncio.to_thread` works as long as the loop's executor does. With
another `time.monotonic` its timers would go off at other times, or never, or the loop would end.
"""

import asyncio
import logging
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from stat import S_ISSOCK
from typing import Any, cast

from .._observe.failures import report
from .patched import turns_nest
from .system import Clock, keep_recursion_limit

STOPPED = (
    "a command must not stop the event loop, which runs other commands too: cancel only what the "
    "command has started; `app_handle.exit(code)` ends the app"
)
REMOVED = (
    "a command has asked the event loop to read no more of a descriptor that belongs to the loop; "
    "it goes on reading: remove only readers that the command has added"
)

SHUT_DOWN = (
    "a command must not shut down the executor of the event loop, which `asyncio.to_thread` of "
    "other commands uses: shut down only executors that the command has made"
)
RENEWED = (
    "the executor of the event loop was shut down, so the loop gets another: an executor that a "
    "command gives to `set_default_executor` must last as long as the app"
)

log = logging.getLogger("transom")


def guard(loop: asyncio.AbstractEventLoop, is_command: Callable[[], bool]) -> None:
    """Guards this loop as long as it lives, from code for which `is_command()` is true."""
    attributes = cast("Any", loop)
    if getattr(loop, "_transom_descriptors", None) is not None:
        return
    attributes._transom_descriptors = set[int]()
    stop, remove_reader = loop.stop, loop.remove_reader

    def stop_unless_shared() -> None:
        # Who turns the loop within a step, as `nest_asyncio` allows, ends that turn in this way.
        if is_command() and not turns_nest():
            raise RuntimeError(STOPPED)
        stop()

    def remove_unless_own(fd: Any) -> bool:
        if is_command() and number(fd) in own_descriptors(loop):
            report(log, REMOVED, level=logging.WARNING)
            return False
        return remove_reader(fd)

    attributes.stop, attributes.remove_reader = stop_unless_shared, remove_unless_own
    keep_executor(loop, is_command)
    keep_clock(loop)
    keep_recursion_limit()


def keep_clock(loop: asyncio.AbstractEventLoop) -> None:
    """Gives the loop the system's clock, if it asks `time.monotonic` each time."""
    if cast("Any", type(loop)).time is asyncio.BaseEventLoop.time:
        cast("Any", loop).time = Clock.monotonic


def keep_executor(loop: asyncio.AbstractEventLoop, is_command: Callable[[], bool]) -> None:
    """Keeps commands from shutting the loop's executor down, and replaces one that was."""
    attributes = cast("Any", loop)
    run, shut_down = loop.run_in_executor, loop.shutdown_default_executor

    def run_in_executor(executor: Any, func: Callable[..., Any], *args: Any) -> Any:
        try:
            return run(executor, func, *args)
        except RuntimeError as error:
            if executor is not None or str(error) != "cannot schedule new futures after shutdown":
                raise
        report(log, RENEWED, level=logging.WARNING)
        loop.set_default_executor(ThreadPoolExecutor(thread_name_prefix="asyncio"))
        return run(None, func, *args)

    def shut_down_unless_shared(*args: Any, **kwargs: Any) -> Any:
        if is_command():
            raise RuntimeError(SHUT_DOWN)
        return shut_down(*args, **kwargs)

    attributes.run_in_executor = run_in_executor
    attributes.shutdown_default_executor = shut_down_unless_shared


def protect(loop: asyncio.AbstractEventLoop, descriptor: int) -> Callable[[], None]:
    """Guards the reader of this descriptor too, on a guarded loop. The result removes it."""
    own = cast("Any", loop)._transom_descriptors
    own.add(descriptor)

    def remove() -> None:
        own.discard(descriptor)
        loop.remove_reader(descriptor)

    return remove


def own_descriptors(loop: asyncio.AbstractEventLoop) -> set[int]:
    """What the loop must go on reading."""
    attributes = cast("Any", loop)
    found = set[int](attributes._transom_descriptors)
    if (waking := getattr(attributes, "_ssock", None)) is not None:
        found.add(waking.fileno())
    return found


def number(fd: Any) -> int:
    """The number of a descriptor, or of a file that has one. -1 for what is neither."""
    if isinstance(fd, int):
        return fd
    try:
        return int(fd.fileno())
    except (AttributeError, TypeError, ValueError):
        return -1


def can_be_woken(loop: asyncio.AbstractEventLoop) -> bool:
    """Whether other threads can still wake this loop. Known only of asyncio's on Unix."""
    attributes = cast("Any", loop)
    reader, writer = getattr(attributes, "_ssock", None), getattr(attributes, "_csock", None)
    selector = getattr(attributes, "_selector", None)
    if reader is None or writer is None or selector is None:
        return True
    try:
        # `fstat` fails for what is closed, also where `os.close` was told of the number.
        sockets = [S_ISSOCK(os.fstat(it.fileno()).st_mode) for it in (reader, writer)]
        return all(sockets) and reader.fileno() in (selector.get_map() or ())
    except (OSError, ValueError):
        return False
