"""What commands and callbacks leave on an event loop at the end of their app: it would keep the
loop from closing, and with it the portal of the app's author.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from . import _callbacks
from ._contained import Contained

FOR_CALLBACKS = 1.0
"""Seconds that `async def` callbacks get before they are cancelled."""

log = logging.getLogger("transom")

_leaving = set[asyncio.Task[None]]()
"""A loop itself keeps no task alive."""
_abandoned = list[asyncio.Task[Any]]()
"""Kept until the process ends: one that is freed runs its clean-up wherever that happens."""


def leave(
    served: Callable[[], Awaitable[object]], patience: float, left: Callable[[], None]
) -> None:
    """Ends what is there, waits for `served()`, and calls `left()`. On the loop; returns at once.

    Tasks get `patience` seconds after their cancel.
    """
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        import trio  # noqa: PLC0415 - only where it runs

        trio.lowlevel.spawn_system_task(_leave_trio, served, left)
        return
    task = asyncio.Task(_leave(loop, served, patience, left), loop=loop)
    _leaving.add(task)
    task.add_done_callback(_leaving.discard)


async def _leave(
    loop: asyncio.AbstractEventLoop,
    served: Callable[[], Awaitable[object]],
    patience: float,
    left: Callable[[], None],
) -> None:
    callbacks = _callbacks.tasks(loop)
    if callbacks:
        await asyncio.wait(callbacks, timeout=FOR_CALLBACKS)
    # It has ended its own tasks by then, which wait for calls: a cancel would wake them twice.
    await served()
    tasks = {task for task in {*callbacks, *_started(loop)} if not task.done()}
    for task in tasks:
        task.cancel()
    if tasks:
        _, tasks = await asyncio.wait(tasks, timeout=patience)
    for task in tasks:
        abandon(task)
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - workers never get here

    # The loop's end waits for the threads of its executor. Those of the one before go on as long
    # as the interpreter lets them.
    loop.set_default_executor(ThreadPoolExecutor(1, "transom-after"))
    left()


async def _leave_trio(served: Callable[[], Awaitable[object]], left: Callable[[], None]) -> None:
    import trio  # noqa: PLC0415

    await served()
    with trio.move_on_after(FOR_CALLBACKS):
        await _callbacks.ended()
    _callbacks.cancel()
    await _callbacks.ended()
    left()


def _started(loop: asyncio.AbstractEventLoop) -> set[asyncio.Task[Any]]:
    """The tasks that commands and callbacks have started, and that go on."""

    def is_started(task: asyncio.Task[Any]) -> bool:
        work = task.get_coro()
        return isinstance(work, Contained) and work.of_the_app

    return {task for task in asyncio.all_tasks(loop) if is_started(task)}


def abandon(task: asyncio.Task[Any]) -> None:
    """Lets the end of the loop not wait for a task. It goes on as long as the loop does."""
    if task in _abandoned:
        return
    name = getattr(task.get_coro(), "__qualname__", task.get_name())
    log.warning("the app ends without the task `%s`, which goes on after its cancel", name)
    asyncio._unregister_task(task)  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue]
    task._log_destroy_pending = False  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue]
    _abandoned.append(task)
