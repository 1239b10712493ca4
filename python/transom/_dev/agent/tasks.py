"""Stops what modules have left running on the event loop when they are replaced."""

import asyncio
import threading
from collections.abc import Collection, Iterator
from typing import Any

from ..._loops.contained import Contained
from .graph import RestartError

OURS = "transom"


def stop(modules: Collection[str]) -> int:
    """Cancels the tasks of the running loop that stand in code of these modules. Says how many.

    The tasks of calls go on, and those that a call waits for.
    """
    try:
        tasks = asyncio.all_tasks()
    except RuntimeError:
        return 0  # trio
    stopped = 0
    for task in tasks:
        homes = list(_homes(task.get_coro()))
        if not any(it in modules for it in homes):
            continue
        if any(it.partition(".")[0] == OURS for it in homes):
            continue
        if homes[0] in modules and _is_awaited(task):
            continue
        task.cancel()
        stopped += 1
    return stopped


def _homes(work: Any) -> Iterator[str]:
    """The modules of a task's code, from the outermost function to the innermost."""
    while work is not None:
        inner = work.inner if isinstance(work, Contained) else work
        frame = getattr(inner, "cr_frame", None) or getattr(inner, "gi_frame", None)
        if frame is not None:
            yield str(frame.f_globals.get("__name__"))
        work = getattr(inner, "cr_await", None) or getattr(inner, "gi_yieldfrom", None)


def _is_awaited(task: "asyncio.Task[Any]") -> bool:
    """Whether another task, or a group of tasks, waits for this one."""
    callbacks = getattr(task, "_callbacks", None) or ()
    return any(_wakes(callback) for callback, *_ in callbacks)


def _wakes(callback: Any) -> bool:
    if isinstance(getattr(callback, "__self__", None), set):
        return False  # where the app keeps its tasks
    home = getattr(callback, "__module__", None) or type(callback).__module__
    return str(home).partition(".")[0] in ("asyncio", "_asyncio", "anyio", "builtins")


def check_threads(modules: Collection[str]) -> None:
    """Raises `RestartError` if a thread runs code of these modules, which nothing can stop."""
    for thread in threading.enumerate():
        target = getattr(thread, "_target", None)
        if getattr(target, "__module__", None) in modules:
            raise RestartError(f"the thread `{thread.name}` runs a function of the old code")
