"""Receives calls over the link and runs them: plain ones on the main thread, one at a time."""

import faulthandler
import inspect
import logging
import os
import queue
import socket
import threading
from collections.abc import Callable
from functools import partial
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from .. import _fork
from .._app.runtime import Runtime
from .._call.contextvars import adopt, fresh
from .._call.places import Place
from .._call.runner import Runner
from .._call.temporary import folders
from .._executors.surroundings import change_environment, take_position, unpack
from .._loops.system import Clock, keep_recursion_limit
from .._native import Call
from .._observe.causes import is_a
from .._observe.failures import report
from .._values.codec import is_async
from . import logs
from .call.channels import Events
from .call.worker_call import Current, LoopEndedError, RemoteCall
from .link.frames import CALL, CANCEL, DELIVERED, READY, SETUP, TAKEN, Frame, Link, Outlet
from .load import CommandFinder, find, load
from .process.family import end_since, kill_family, now

LAST_MOMENTS = 1.0
"""Seconds that a worker has once the host has ended the link."""

if TYPE_CHECKING:
    from .tasks import Tasks

ENDED = (
    "the event loop of this worker has ended, because a command has stopped it: end only what a "
    "command itself has started. The next call gets a new worker"
)

NO_MEMORY = (
    "this worker process has no memory for a body of {size} bytes: send less at once, or give it "
    "more, by the limit under which it runs (`ulimit -v`, `resource.setrlimit`, a container's)"
)

T = TypeVar("T")

log = logging.getLogger("transom.worker")


def serve(stream: socket.socket) -> None:
    """The main function of a worker. Returns when the host has ended the link."""
    link = Link(stream)
    setup = link.receive()
    if setup is None or setup.kind != SETUP:
        return
    logs.join(link, setup.head["worker"], setup.head["log_levels"])
    prepare(setup.head)
    link.share_from = setup.head.get("share_from")
    link.most = min(link.most, setup.head["most"])
    _fork.duties.append(link.forget)
    _fork.watch()
    folders.choose(Path(setup.head["temp"]))
    worker = WorkerServer(link, setup.head)
    # It sees the end of the link while the modules are imported, too.
    threading.Thread(target=worker.listen, args=(link,), name="transom-link", daemon=True).start()
    try:
        worker.load()
    except BaseException as error:
        if _fork.forked:
            _fork.leave(error)
        raise
    if _fork.forked:
        _fork.leave()
    link.send(READY, {})
    worker.run()


def prepare(setup: dict[str, Any]) -> None:
    """Copies settings of the host into this process, as far as imports can depend on them."""
    take_position(setup)
    change_environment(setup["env"])
    if main := setup["main"]:
        setup["main"] = {name: value and unpack(value) for name, value in main.items()}
    if (nice := setup["nice"]) is not None and hasattr(os, "nice"):
        os.nice(nice)
    faulthandler.enable()
    keep_recursion_limit()
    if debugger := setup.get("debugger"):
        from .._dev.debugger.worker import join  # noqa: PLC0415 - only under `transom dev --debug`

        join(debugger)


class WorkerServer:
    """Runs the calls that the host gives it: one at a time, or several that share it."""

    def __init__(
        self, link: Outlet, setup: dict[str, Any], ended: Callable[[int], None] = lambda _: None
    ) -> None:
        """`ended` is called with the id of each call that has ended."""
        self._link = link
        self._on_ended = ended
        self._setup = setup
        self._finder = CommandFinder(setup["main"])
        self._calls: queue.SimpleQueue[RemoteCall | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._live: dict[int, RemoteCall] = {}
        self._current = Current()
        self._tasks: Tasks | None = None

    def load(self) -> None:
        """Imports the modules of the commands known so far, and runs the initializer."""
        main = self._setup["main"]
        for module in self._setup["modules"]:
            load(module, main)
        if initializer := self._setup["initializer"]:
            module, qualname = initializer
            self._initialise(find(load(module, main), qualname))

    def _initialise(self, initializer: Callable[[], Any]) -> None:
        if inspect.iscoroutinefunction(initializer):
            # Its task has a context of its own, and calls begin with the one of this thread.
            adopt(self._loop().call(initializer))
        else:
            initializer()

    def listen(self, link: Link) -> None:
        """Takes frames, on the link's thread, until the link ends."""
        while (frame := link.receive()) is not None:
            if frame.kind == CALL:
                self._calls.put(self.admit(frame))
            else:
                self.hear(frame)
        self._calls.put(None)
        with self._lock:
            calls = list(self._live.values())
        for call in calls:
            call.cancel()
        Clock.sleep(LAST_MOMENTS)
        # Its children go with it.
        kill_family(os.getpid())

    def admit(self, frame: Frame) -> RemoteCall:
        """The call that this frame brings. `run_call` runs it."""
        call = RemoteCall(self._link, frame, self._setup["messages"])
        with self._lock:
            self._live[call.id] = call
        return call

    def hear(self, frame: Frame) -> None:
        """Takes a frame about a call that was admitted."""
        if frame.kind == CANCEL:
            self._cancel(frame.head["id"])
        elif frame.kind in (TAKEN, DELIVERED):
            self._give_credit(frame)

    def _cancel(self, key: int) -> None:
        # Under the lock that ends a call's life here: the signal reaches this call or none.
        with self._lock:
            call = self._live.get(key)
            if call is not None and not call.cancelled:
                call.cancel()

    def _give_credit(self, frame: Frame) -> None:
        with self._lock:
            call = self._live.get(frame.head["id"])
        if call is None:
            return
        taken = frame.head["taken"]
        if frame.kind == DELIVERED:
            call.outbox.delivered(taken, frame.head["gone"])
        elif call.outflow is not None:
            call.outflow.give_back(taken)

    def run(self) -> None:
        """Runs calls until no more come."""
        while (call := self._calls.get()) is not None:
            self.run_call(call)
        self.close()

    def run_call(self, call: RemoteCall) -> None:
        """Runs a plain command to its end, or starts that of an `async def`."""
        try:
            self._run(call)
        except BaseException as error:  # noqa: BLE001
            self._give_up(call, error)

    def close(self) -> None:
        """Ends the event loop of the `async def` commands, if there is one."""
        if self._tasks is not None:
            self._tasks.close()

    def _give_up(self, call: RemoteCall, error: BaseException) -> None:
        """Ends a call that cannot be run to its end here. Another worker takes the next one."""
        report(log, "a call could not be run", error=error)
        call.unfit = True
        try:
            if is_a(error, LoopEndedError):
                call.reject("unavailable", ENDED)
            else:
                call.reject("internal", "the worker could not run the call; its log says why")
        except BaseException as trouble:  # noqa: BLE001
            report(log, "a call could not be answered, so this worker ends", error=trouble)
            os._exit(1)
        self._ended(call.id)

    def _ended(self, key: int) -> None:
        with self._lock:
            self._live.pop(key, None)
        self._on_ended(key)

    def _run(self, call: RemoteCall) -> None:
        if call.refused:
            self._refuse(call, call.refused)
            return
        call.on_end = partial(self._on_end, call, now())

        def look_up(_command: str) -> Any:
            return self._finder(call.module, call.qualname)

        def interrupter(_command: str) -> Any:
            return WorkerInterrupter()

        runtime = Runtime(cast("Any", Events()), None)
        if self._is_async(call):
            tasks = self._loop()
            runtime.credits = tasks.credits
            fresh().run(tasks.start, Runner(look_up, runtime), call, self._ended)
            return
        self._current.call = call
        fresh().run(Runner(look_up, runtime, interrupter).run_blocking, cast("Call", call))
        self._ended(call.id)
        self._current.call = None

    def _refuse(self, call: RemoteCall, size: int) -> None:
        """Answers a call for whose body there is no memory. Another worker takes the next one."""
        text = NO_MEMORY.format(size=size)
        call.unfit = True
        call.reject("overloaded", text, dumps({"scope": "memory", "bytes": size}))
        self._ended(call.id)

    def _on_end(self, call: RemoteCall, started: int) -> None:
        """Cleans up after a call that was cancelled and ended by itself, before it is answered."""
        if self._tasks is not None and not self._tasks.can_go_on():
            call.unfit = True
        if not (call.cancelled and call.begun):
            return
        policy = self._setup["after_cancel"]
        if policy == "replace":
            call.unfit = call.on_cancel is None
        elif policy == "judge":
            call.unfit = call.cut not in (None, Place.OWN)
        # What another call may have started is not touched.
        if len(self._live) == 1 and end_since(started):
            call.unfit = True

    def _is_async(self, call: RemoteCall) -> bool:
        try:
            return is_async(self._finder(call.module, call.qualname)[1])
        except BaseException:  # noqa: BLE001 - it comes again where it becomes the call's error
            return False

    def _loop(self) -> "Tasks":
        if self._tasks is None:
            # Event loops take their time to import, which only some commands need.
            from .tasks import Tasks  # noqa: PLC0415

            self._tasks = Tasks(self._setup["backend"], self._give_up)
        return self._tasks


class WorkerInterrupter:
    """Does in a worker what the host's `Interrupter` does for threads."""

    def run(self, call: RemoteCall, _module: str, work: Callable[[], T]) -> T:
        return call.run(work)
