"""Keeps an event loop alive when a task or a callback on it calls `sys.exit()`.

An asyncio task keeps `SystemExit` and `KeyboardInterrupt` as its outcome and also raises them in
the loop, which ends it with all others. Wrapped in a group they are the outcome and no more. The
tasks of commands catch all that comes; this is for tasks that a command starts.

A callback (`call_soon`, `call_later`, `add_done_callback`, …) raises them in the loop too. There
they are caught and logged.

A fork that comes back from a step of a task, or from a callback, ends here: it would go on with all
others too, on descriptors that are its parent's.
"""

import asyncio
import logging
import threading
from asyncio.events import _get_running_loop, _set_running_loop  # pyright: ignore[reportPrivateUsage]
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from contextvars import ContextVar
from functools import partial
from typing import Any, cast

from .. import _fork
from .._observe.failures import report
from .generators import watch_asyncio
from .patched import turns_nest
from .protocols import contain_protocols
from .system import keep_recursion_limit

Work = Coroutine[Any, Any, Any]
Factory = Callable[..., Any]
QueuedJob = tuple[Callable[..., object], tuple[Any, ...]]
"""What trio's loop has to call: a function and its arguments."""

STEP = "TaskStepMethWrapper"
"""The type of the callback that takes a task's next step. Most callbacks are of this type."""
WITH_DELAY = ("call_later", "call_at", "add_reader", "add_writer")
"""Methods of a loop that take a callback after something else."""

of_the_app = ContextVar("of_the_app", default=False)
"""Set where commands and callbacks run, so it is also set in what they start."""

RAISED = "a callback of the event loop raised"
TAKEN = (
    "a command has told its thread that no event loop runs there, or another one; it is told anew: "
    "run another loop on another thread"
)

log = logging.getLogger("transom")


class Contained(Coroutine[Any, Any, Any]):
    """A coroutine that wraps `SystemExit` and `KeyboardInterrupt` in an exception group.

    Not an `async def` around it: a task that is cancelled before its first step would leave the
    inner one behind, and Python would warn that nobody awaited it.
    """

    __slots__ = ("inner", "of_the_app")

    def __init__(self, inner: Work) -> None:
        self.inner = inner
        self.of_the_app = of_the_app.get()
        """Whether a command or a callback has started it, and not other code of the author."""

    def send(self, value: Any, /) -> Any:
        try:
            try:
                return self.inner.send(value)
            finally:
                if _fork.forked:
                    _fork.leave_step()
        except (SystemExit, KeyboardInterrupt) as error:
            raise grouped(error) from None

    def throw(self, *args: Any) -> Any:
        try:
            try:
                return self.inner.throw(*args)
            finally:
                if _fork.forked:
                    _fork.leave_step()
        except (SystemExit, KeyboardInterrupt) as error:
            raise grouped(error) from None

    def close(self) -> None:
        self.inner.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return self.inner.__await__()

    def __getattr__(self, name: str) -> Any:
        # `cr_frame` and the like, by which anyio sees whether a task has begun.
        return getattr(self.inner, name)


def grouped(error: BaseException) -> BaseException:
    return BaseExceptionGroup("a task exited", [error])


def factory_of(loop: asyncio.AbstractEventLoop) -> Factory:
    """The task factory of this loop."""
    return loop.get_task_factory() or plain


def plain(loop: asyncio.AbstractEventLoop, work: Any, **kwargs: Any) -> asyncio.Task[Any]:
    # Looked up each time, because `nest_asyncio` replaces it.
    return asyncio.Task(work, loop=loop, **kwargs)


def contain(loop: asyncio.AbstractEventLoop) -> Callable[[], None]:
    """Contains the callbacks of this loop as long as it lives, and the tasks that are made on it
    from now on. The result ends the latter.
    """
    contain_callbacks(loop)
    watch_asyncio(loop, of_the_app)
    before = loop.get_task_factory()
    loop.set_task_factory(factory_of(loop))
    contained = loop.get_task_factory()

    def release() -> None:
        if loop.get_task_factory() is contained:
            set_factory(loop, before)

    return release


def set_factory(loop: asyncio.AbstractEventLoop, factory: Factory | None) -> None:
    """Sets a task factory whose tasks are not contained."""
    cast("Any", type(loop)).set_task_factory(loop, factory)


def set_contained_factory(loop: asyncio.AbstractEventLoop, factory: Factory | None) -> None:
    """Sets a task factory whose tasks are contained, whoever brings it."""
    make = factory or plain

    def make_contained(loop: asyncio.AbstractEventLoop, work: Any, **kwargs: Any) -> Any:
        return make(loop, work if isinstance(work, Contained) else Contained(work), **kwargs)

    set_factory(loop, make_contained)


def contain_callbacks(loop: asyncio.AbstractEventLoop) -> None:
    """Contains what the callbacks of this loop raise, as long as it lives."""
    attributes = cast("Any", loop)
    if getattr(loop, "_transom_contained", False):
        return
    attributes._transom_contained = True
    attributes.call_exception_handler = partial(handle, attributes.call_exception_handler)
    attributes.set_task_factory = partial(set_contained_factory, loop)
    contain_protocols(loop, run_contained)
    if isinstance(loop, asyncio.BaseEventLoop):
        attributes._run_once = partial(turn, loop)
    else:
        contain_methods(attributes)


def turn(loop: asyncio.BaseEventLoop) -> None:
    """Makes a turn of this loop: what is left of it is run in the next one. Costs 0.2 µs."""
    keep_running(loop)
    try:
        # Looked up each time, because `nest_asyncio` replaces it.
        run_contained(cast("Any", type(loop))._run_once, loop)
    except IndexError:
        # A turn within this one has taken what this one was still to run.
        if not turns_nest():
            raise


def keep_running(loop: asyncio.AbstractEventLoop) -> None:
    """Tells this thread again which loop it runs, if a command has told it otherwise."""
    if _get_running_loop() is not loop:
        report(log, TAKEN, level=logging.WARNING)
        _set_running_loop(loop)


def contain_methods(loop: Any) -> None:
    """Wraps each callback that is given to a loop which is not written in Python, such as uvloop's.

    The steps of tasks are callbacks too. They are told apart by their type, and cost 0.3 µs more.
    """
    call_soon, call_soon_threadsafe = loop.call_soon, loop.call_soon_threadsafe

    def run(callback: Callable[..., Any], /, *args: Any) -> Any:
        keep_running(loop)
        return run_contained(callback, *args)

    def contained_soon(callback: Any, *args: Any, context: Any = None) -> Any:
        if type(callback).__name__ != STEP:
            callback = partial(run, callback)
        return call_soon(callback, *args, context=context)

    def contained_soon_threadsafe(callback: Any, *args: Any, context: Any = None) -> Any:
        return call_soon_threadsafe(partial(run, callback), *args, context=context)

    def contained_later(method: Any, what: Any, callback: Any, *args: Any, **context: Any) -> Any:
        return method(what, partial(run, callback), *args, **context)

    loop.call_soon = contained_soon
    loop.call_soon_threadsafe = contained_soon_threadsafe
    for name in WITH_DELAY:
        setattr(loop, name, partial(contained_later, getattr(loop, name)))


def run_contained(callback: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Calls `callback`, and logs an exit that comes out of it.

    Ctrl-C on a loop of the main thread is let through, because it is the user's.
    """
    try:
        try:
            return callback(*args, **kwargs)
        finally:
            if _fork.forked:
                _fork.leave_step()
    except SystemExit as error:
        report(log, RAISED, error=error)
    except KeyboardInterrupt as error:
        if threading.current_thread() is threading.main_thread():
            raise
        report(log, RAISED, error=error)


def handle(handler: Callable[[dict[str, Any]], object], context: dict[str, Any], /) -> None:
    """Calls the exception handler of a loop. What comes out of one would end the loop: asyncio's
    own, too, raises what the logging or a text of the exception raises.
    """
    try:
        handler(context)
    except BaseException as error:
        main = threading.current_thread() is threading.main_thread()
        if main and type(error) is KeyboardInterrupt:
            raise
        report(log, "the exception handler of the event loop raised", error=error)
        report(log, "%s", context.get("message"), error=context.get("exception"))


def contain_trio(ours: ContextVar[bool] = of_the_app) -> None:
    """Contains what the functions raise that are given to `run_sync_soon` of the running trio loop,
    as long as it lives, and what the system tasks raise that were made where `ours` is set. Trio
    ends with all its tasks at any exception of theirs. Code for which `ours` is set cannot cancel
    the scopes around the running task.
    """
    import trio  # noqa: PLC0415 - only where it runs

    from .trio_clock import keep_trio_clock  # noqa: PLC0415
    from .trio_ends import watch_trio  # noqa: PLC0415
    from .trio_scopes import guard_scopes  # noqa: PLC0415

    watch_trio(ours)
    guard_scopes(ours.get)
    keep_trio_clock()
    keep_recursion_limit()
    queue = cast("Any", trio.lowlevel.current_trio_token())._reentry_queue
    if not isinstance(queue.queue, ContainedJobs):
        # On the loop's thread, where it takes from them; nothing can be put in between.
        with queue.lock:
            queue.queue = ContainedJobs(queue.queue)
            queue.idempotent_queue = ContainedSet(queue.idempotent_queue)


class ContainedJobs(deque[QueuedJob]):
    """A queue of functions to call, which wraps each of them."""

    def append(self, job: QueuedJob, /) -> None:
        super().append((run_job_of_the_app if of_the_app.get() else run_job, job))


class ContainedSet(dict[QueuedJob, None]):
    """A set of functions to call once each, which wraps each of them."""

    def __setitem__(self, job: QueuedJob, _: None, /) -> None:
        super().__setitem__((run_job, job), None)


def run_job(func: Callable[..., object], args: tuple[Any, ...]) -> None:
    try:
        func(*args)
    except BaseException as error:  # noqa: BLE001
        report(log, RAISED, error=error)


def run_job_of_the_app(func: Callable[..., object], args: tuple[Any, ...]) -> None:
    token = of_the_app.set(True)
    try:
        run_job(func, args)
    finally:
        of_the_app.reset(token)
