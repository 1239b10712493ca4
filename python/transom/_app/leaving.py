"""Ends what commands and callbacks have left on an event loop when their app ends.

Otherwise it would keep the loop, and with it the portal of the app's author, from closing.
"""

import asyncio
import logging
import re
from asyncio import all_tasks, get_running_loop, wait
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .._loops import generators as _generators
from .._loops.contained import Contained, contain, factory_of, of_the_app
from .._observe.failures import report
from . import callbacks as _callbacks

FOR_CALLBACKS = 1.0
"""Seconds that `async def` callbacks get before they are cancelled."""
LEAST = 0.4
"""Seconds that async generators get to close, also when tasks have used up all patience, and then
the tasks that their clean-up has started.
"""

LEFT_TASK = "the app ends without the task `%s`, which goes on after its cancel"

log = logging.getLogger("transom")

_leaving = set[asyncio.Task[None]]()
"""References to the tasks here, because a loop itself keeps no task alive."""
_abandoned = set[asyncio.Task[Any]]()
"""Kept until they end, because a freed task would run its clean-up at any place."""
_unclosed = list[_generators.Generator]()
"""Kept for the same reason."""


def leave(
    served: Callable[[], Awaitable[object]], patience: float, left: Callable[[], None]
) -> None:
    """Ends the tasks that are left, waits for `served()`, and calls `left()`.

    To be called on the loop; returns at once.
    Tasks get `patience` seconds after their cancel, and async generators what is left of them.
    """
    try:
        loop = get_running_loop()
    except RuntimeError:
        import trio  # noqa: PLC0415 - only where it runs

        trio.lowlevel.spawn_system_task(_leave_trio, served, patience, left)
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
        await wait(callbacks, timeout=FOR_CALLBACKS)
    # It has ended its own tasks by then, which wait for calls: a cancel would wake them twice.
    await served()
    # What is left may still start more.
    contain(loop)
    until = loop.time() + patience
    await _end_tasks({*callbacks, *_started(loop)}, patience)
    await _close_generators(loop, until)
    await _end_tasks(_started(loop), LEAST)
    _forget_later(loop)
    # The loop's end waits for the threads of its executor. Those of the one before go on as long
    # as the interpreter lets them.
    loop.set_default_executor(ThreadPoolExecutor(1, "transom-after"))
    left()


async def _end_tasks(tasks: set[asyncio.Task[Any]], patience: float) -> None:
    """Cancels the tasks, and abandons those that go on."""
    tasks = {task for task in tasks if not task.done()}
    for task in tasks:
        task.cancel()
    if tasks:
        _, tasks = await wait(tasks, timeout=patience)
    for task in tasks:
        abandon(task)


def _forget_later(loop: asyncio.AbstractEventLoop) -> None:
    """Has the end of the loop wait for nothing that abandoned tasks begin from here on."""
    make = factory_of(loop)

    def make_and_forget(loop: asyncio.AbstractEventLoop, work: Any, **kwargs: Any) -> Any:
        task = make(loop, work, **kwargs)
        if of_the_app.get():
            forget(task)
        return task

    loop.set_task_factory(make_and_forget)
    _generators.stop_closing(loop)


async def _close_generators(loop: asyncio.AbstractEventLoop, until: float) -> None:
    """Closes the async generators that are left, which else the end of the loop waits for."""

    async def close(generator: _generators.Generator) -> None:
        of_the_app.set(True)  # also in what it starts
        await _generators.close(generator)

    names = dict[asyncio.Task[Any], str]()
    for it in _generators.take(loop):
        names[asyncio.Task(close(it), loop=loop)] = _generators.name_of(it)
    if names:
        _, left = await wait(names, timeout=max(LEAST, until - loop.time()))
        for task in left:
            _report_generator(names[task])
            forget(task)
    # Those that have begun in the clean-up of others.
    for it in _generators.take(loop):
        _report_generator(_generators.name_of(it))
        _unclosed.append(it)


async def _leave_trio(
    served: Callable[[], Awaitable[object]], patience: float, left: Callable[[], None]
) -> None:
    import trio  # noqa: PLC0415

    from .._loops.trio_ends import ends  # noqa: PLC0415

    await served()
    with trio.move_on_after(FOR_CALLBACKS):
        await _callbacks.ended()
    _callbacks.cancel()
    await _callbacks.ended()
    until = trio.current_time() + patience
    here = ends.get()
    # Nothing can take these away from trio: the process ends without them, unless all have ended.
    for name in (remaining := await here.cancel(patience)):
        report(log, LEFT_TASK, name, level=logging.WARNING)
    if remaining:
        return
    closing = list[str]()

    async def name_what_stays() -> None:
        await trio.sleep(max(LEAST, until - trio.current_time()))
        if closing:
            _report_generator(closing[-1])

    for it in here.generators.take():
        if not closing:
            trio.lowlevel.spawn_system_task(name_what_stays)
        closing.append(_generators.name_of(it))
        # As trio does it: in a scope that is cancelled already.
        with trio.CancelScope(shield=True) as scope:
            scope.cancel()
            await _generators.close(it)
    closing.clear()
    left()


def _started(loop: asyncio.AbstractEventLoop) -> set[asyncio.Task[Any]]:
    """The tasks that commands and callbacks have started, and that still run."""

    def is_started(task: asyncio.Task[Any]) -> bool:
        work = task.get_coro()
        return isinstance(work, Contained) and work.of_the_app

    return {task for task in all_tasks(loop) if is_started(task)}


def abandon(task: asyncio.Task[Any]) -> None:
    """Makes the end of the loop not wait for a task. The task goes on as long as the loop does."""
    if task in _abandoned:
        return
    report(log, LEFT_TASK, name_of(task), level=logging.WARNING)
    forget(task)


def name_of(task: asyncio.Task[Any]) -> str:
    """What somebody has named the task, or the name of its function.

    anyio names its tasks by their functions, which it wraps.
    """
    name = task.get_name()
    if re.fullmatch(r"Task-\d+", name) is None:
        return name
    return getattr(task.get_coro(), "__qualname__", name)


def forget(task: asyncio.Task[Any]) -> None:
    """Takes a task from the loop's list, for whose end the loop waits."""
    asyncio._unregister_task(task)  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue]
    task._log_destroy_pending = False  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue]
    _abandoned.add(task)
    task.add_done_callback(_abandoned.discard)


def _report_generator(name: str) -> None:
    text = "the app ends without the async generator `%s`, which goes on after it was closed"
    report(log, text, name, level=logging.WARNING)
