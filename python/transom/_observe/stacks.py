"""Describes what threads and coroutines are doing now, as text for the log."""

import gc
import inspect
import sys
import traceback
from types import FrameType
from typing import Any

from .._call.runner import running

FRAMES = 50
"""How many of the innermost frames are shown."""
NOWHERE = "(nothing in this process runs it at this moment)"

STEPS = {"async_generator_asend", "async_generator_athrow", "coroutine_wrapper"}
"""Types of awaitables between two coroutines that show neither of them to Python."""


def describe_thread(thread: int | None) -> str:
    """The stack of a thread."""
    frame = sys._current_frames().get(thread or 0)  # pyright: ignore[reportPrivateUsage]
    # Not its locals: a free-threaded interpreter may not live through a look at those.
    return "".join(traceback.format_stack(frame, FRAMES)) if frame else NOWHERE


def thread_of(call: int) -> int | None:
    """The thread that runs the call with this id, or `None`."""
    return next((thread for thread, it in running.copy().items() if it.id == call), None)


def describe_coroutine(coroutine: Any) -> str:
    """The stack of a waiting coroutine, from itself to what it waits for.

    Tasks that it has started are not in it: it shows the block that waits for them.
    """
    frames = list[FrameType]()
    while coroutine is not None:
        frame, coroutine = _step(coroutine)
        if frame is not None:
            frames.append(frame)
    lines = ((frame, frame.f_lineno) for frame in frames[-FRAMES:])
    return "".join(traceback.StackSummary.extract(lines).format()) or NOWHERE


def is_running(coroutine: Any) -> bool:
    """Whether a thread runs the coroutine now. Its own frames do not show where then."""
    return inspect.getcoroutinestate(coroutine) == inspect.CORO_RUNNING


def _step(awaited: Any) -> tuple[FrameType | None, Any]:
    """The frame of an awaitable, and what that awaits."""
    if inspect.iscoroutine(awaited):
        return awaited.cr_frame, awaited.cr_await
    if inspect.isgenerator(awaited):
        return awaited.gi_frame, awaited.gi_yieldfrom
    if inspect.isasyncgen(awaited):
        return awaited.ag_frame, awaited.ag_await
    if type(awaited).__name__ in STEPS:
        behind = gc.get_referents(awaited)
        return None, next((it for it in behind if _has_frame(it)), None)
    return None, None


def _has_frame(value: Any) -> bool:
    return inspect.isasyncgen(value) or inspect.iscoroutine(value)
