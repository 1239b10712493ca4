"""Defines the handler that runs an app's commands, as returned by `generate_handler`."""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from anyio.from_thread import BlockingPortal

from .. import _fork, _swapping
from .._app.runtime import Runtime
from .._call.interrupt import Interrupter
from .._call.runner import Runner
from .._executors.addresses import check_reach
from .._executors.cluster import RayExecutor
from .._executors.portal import PortalExecutor
from .._executors.process import ProcessPool, check_parameters
from .._executors.switching import switching
from .._executors.threads import ThreadExecutor, Threads
from .._native import Call, Host
from .._observe.abandoned import AbandonedReporter
from .._observe.watchdog import Watchdog
from .._values.codec import CommandHandler
from .options import Options, check_in_app, check_on_cluster, check_plain, target_of
from .parameters import ParametersType
from .policies import Limits
from .registry import Registered, Registry

DEFAULTS: Mapping[str, Any] = {"thread": ThreadExecutor(), "process": ProcessPool()}

log = logging.getLogger("transom")


class RunnableInvoke(Protocol):
    """An `ipc.Invoke`: one call, for a handler of the user's own."""

    @property
    def command(self) -> str: ...
    def reject(self, value: str, /) -> None: ...
    async def run(self, parameters: ParametersType, handler: CommandHandler) -> None: ...
    def run_blocking(self, parameters: ParametersType, handler: CommandHandler) -> None: ...


class InvokeHandler:
    """Runs the calls of an app. Give it to `Builder.build(invoke_handler=…)`.

    It can also be called with an `ipc.Invoke`, from a handler of one's own.
    """

    def __init__(
        self,
        commands: Registry,
        portal: BlockingPortal,
        executors: Mapping[str, Any],
        limits: Limits,
    ) -> None:
        if not callable(getattr(portal, "start_task_soon", None)):
            raise TypeError(
                f"`portal` is {portal!r}: pass the portal of "
                '`with start_blocking_portal("asyncio") as portal:`'
            )
        self.commands = commands
        self.portal = portal
        self.limits = limits
        self._threads, self._pools = _sorted(executors)
        self._idempotent: dict[str, set[str]] = {}
        self._host: Host | None = None
        self._interrupter: Interrupter | None = None
        self._watchdog: Watchdog | None = None
        self._abandoned: AbandonedReporter | None = None
        for name in commands:
            self.check(name, commands[name], commands.options(name))
        _fork.portals.add(portal)
        _fork.watch()

    def check(self, name: str, entry: Registered, options: Options) -> None:
        """Raises `ValueError` if a command cannot run on its executor."""
        parameters, handler = entry
        executor = options.executor
        if executor in self._threads:
            check_plain(handler, executor)
            check_in_app(name, options)
        elif executor in self._pools:
            check_parameters(name, parameters)
            check_reach(name, handler)
            if isinstance(self._pools[executor], RayExecutor):
                check_on_cluster(name, options)
        elif executor != "async":
            there = ", ".join(map(repr, ("async", *self._threads, *self._pools)))
            raise ValueError(
                f"`{name}` asks for the executor {executor!r}, which is not there: give it to "
                f"`generate_handler(…, executors={{{executor!r}: …}})`, or take one of {there}"
            )

    def attach(self, runtime: Runtime) -> None:
        """Starts the executors of an app, and registers the commands."""
        interrupter = self._interrupter = Interrupter(runtime.host.count_interrupt)

        def interrupter_of(command: str) -> Interrupter | None:
            return interrupter if self.commands.options(command).interrupt else None

        runner = Runner(self.commands.data.__getitem__, runtime, interrupter_of)
        self._start_portal(runtime, runner)
        for name, executor in self._threads.items():
            start_threads(name, executor.workers, runner.run_blocking, runtime.host)
        # They start nothing before their first call.
        for name, pool in self._pools.items():
            runtime.host.add_pool(name, self._plan(name, pool, embedded=runtime.embedded))
        self._host = runtime.host
        self.commands.watch(self)
        if _swapping.active:
            _swapping.attached.append((self, runtime))

    @property
    def pools(self) -> Mapping[str, "AnyPool"]:
        """Its pools of other processes, by name."""
        return self._pools

    def _plan(self, name: str, pool: "AnyPool", *, embedded: bool) -> str:
        if isinstance(pool, ProcessPool):
            return pool.plan(embedded=embedded)
        all_options = {it: self.commands.options(it) for it in self.commands}
        on_it = {it: options for it, options in all_options.items() if options.executor == name}
        self._idempotent[name] = {it for it, options in on_it.items() if options.idempotent}
        return pool.plan(embedded=embedded, idempotent=sorted(self._idempotent[name]))

    # What the registry tells.

    def register(self, name: str, spec: str, /) -> None:
        """Registers a command that was added."""
        if self._host is None:
            return
        options = self.commands.options(name)
        if options.executor in self._pools:
            on_cluster = isinstance(self._pools[options.executor], RayExecutor)
            if on_cluster:
                check_on_cluster(name, options)
                if options.idempotent and name not in self._idempotent.get(options.executor, ()):
                    raise ValueError(
                        f"`{name}` is `idempotent` and runs on a `RayExecutor`, which knows such "
                        "commands from its start: add it before the app is built"
                    )
            target = target_of(name, self.commands[name][1], options, on_cluster=on_cluster)
            self._host.set_target(options.executor, name, target)
        self._host.register(name, spec)

    def unregister(self, name: str, /) -> None:
        """Unregisters a command that was removed."""
        if self._host is not None:
            self._host.unregister(name)
            for pool in self._pools:
                self._host.forget_target(pool, name)

    def detach(self) -> None:
        """Notes that the app has ended."""
        if self._host is not None:
            self.commands.unwatch(self)
            _swapping.attached[:] = [it for it in _swapping.attached if it[0] is not self]
            self._host.end_pools()
            self._host = None
        if self._interrupter is not None:
            self._interrupter.close()
            self._interrupter = None
        if self._watchdog is not None:
            self._watchdog.close()
            self._watchdog = None
        if self._abandoned is not None:
            self._abandoned.close()
            self._abandoned = None

    def _start_portal(self, runtime: Runtime, runner: Runner) -> None:
        inbox = runtime.host.add_executor("async", 0)
        inbox.on_contention(switching.contend)
        executor = PortalExecutor(inbox, runner)
        runtime.portal, runtime.credits = executor, executor.credits
        self._watchdog = Watchdog(runtime.host, "async", executor)
        self._watchdog.start()
        self._abandoned = AbandonedReporter(runtime.host, executor)
        self._abandoned.start()

        def ready() -> None:
            runtime.host.executor_ready("async")

        self.portal.start_task_soon(executor.serve, ready, name="transom executor")

    def __call__(self, invoke: RunnableInvoke, /) -> None:
        """Runs the command that `invoke` names."""
        entry = self.commands.get(invoke.command)
        if entry is None:
            invoke.reject(f"no python handler `{invoke.command}` found")
        elif (executor := self.commands.options(invoke.command).executor) in self._pools:
            invoke.reject(f"`{invoke.command}` runs in a worker process: a handler cannot run it")
        elif executor == "async":
            self.portal.start_task_soon(invoke.run, *entry)
        else:
            threading.Thread(target=invoke.run_blocking, args=entry, daemon=True).start()


def start_threads(
    name: str, threads: int, run: Callable[[Call], None], host: Host, *, bounded: bool = True
) -> None:
    """Starts a thread executor. Not `bounded`: a call may go on after `run` has returned."""
    inbox = host.add_executor(name, threads, bounded=bounded)
    inbox.on_contention(switching.contend)
    Threads(name, inbox, run, threads).start()
    host.executor_ready(name)


AnyPool = ProcessPool | RayExecutor
"""What runs commands in other processes."""


def _sorted(executors: Mapping[str, Any]) -> tuple[dict[str, ThreadExecutor], dict[str, AnyPool]]:
    """The executors of an app by kind, with the defaults."""
    threads, pools = dict[str, ThreadExecutor](), dict[str, AnyPool]()
    for name, executor in {**DEFAULTS, **executors}.items():
        if name == "async":
            raise ValueError('"async" is the portal\'s own executor; choose another name')
        if isinstance(executor, ThreadExecutor):
            threads[name] = executor
        elif isinstance(executor, AnyPool):
            pools[name] = executor
        else:
            raise TypeError(
                f"executors[{name!r}] must be a `ThreadExecutor`, a `ProcessPool` or a "
                f"`RayExecutor`, got {executor!r}"
            )
    return threads, pools
