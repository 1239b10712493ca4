"""What `generate_handler` gives: commands joined to a portal, ready for an app."""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from anyio.from_thread import BlockingPortal

from ._interrupt import Interrupter
from ._native import Call, Host
from ._policies import Limits
from ._portal import PortalExecutor
from ._runner import Runner
from ._runtime import Runtime
from ._threads import ThreadExecutor, Threads

if TYPE_CHECKING:
    from ._commands import Commands
    from .ipc import Invoke

DEFAULT_THREADS = ThreadExecutor()

log = logging.getLogger("transom")


class InvokeHandler:
    """Runs the calls of an app. Give it to `Builder.build(invoke_handler=…)`.

    It can also be called with an `ipc.Invoke`, from a handler of one's own.
    """

    def __init__(
        self,
        commands: "Commands",
        portal: BlockingPortal,
        executors: Mapping[str, Any],
        limits: Limits,
    ) -> None:
        self.commands = commands
        self.portal = portal
        self.limits = limits
        self._threads = {"thread": DEFAULT_THREADS} | _checked(executors)
        self._host: Host | None = None
        self._interrupter: Interrupter | None = None

    def attach(self, runtime: Runtime) -> None:
        """Brings the executors of an app up, and registers the commands."""
        interrupter = self._interrupter = Interrupter()

        def interrupter_of(command: str) -> Interrupter | None:
            return interrupter if self.commands.options(command).interrupt else None

        runner = Runner(self.commands.data.__getitem__, runtime, interrupter_of)
        self._start_portal(runtime, runner)
        for name, executor in self._threads.items():
            start_threads(name, executor.threads, runner.run_blocking, runtime.host)
        self._host = runtime.host
        self.commands.watch(runtime.host)

    def detach(self) -> None:
        """The app has ended."""
        if self._host is not None:
            self.commands.unwatch(self._host)
            self._host = None
        if self._interrupter is not None:
            self._interrupter.close()
            self._interrupter = None

    def _start_portal(self, runtime: Runtime, runner: Runner) -> None:
        executor = PortalExecutor(runtime.host.add_executor("async", 0), runner)
        runtime.portal = executor

        def ready() -> None:
            runtime.host.executor_ready("async")

        self.portal.start_task_soon(executor.serve, ready, name="transom executor")

    def __call__(self, invoke: "Invoke", /) -> None:
        """Runs the command that `invoke` names."""
        entry = self.commands.get(invoke.command)
        if entry is None:
            invoke.reject(f"no python handler `{invoke.command}` found")
        elif self.commands.options(invoke.command).executor == "async":
            self.portal.start_task_soon(invoke.run, *entry)
        else:
            threading.Thread(target=invoke.run_blocking, args=entry, daemon=True).start()


def start_threads(
    name: str, threads: int, run: Callable[[Call], None], host: Host, *, bounded: bool = True
) -> None:
    """Brings a thread executor up. Not `bounded`: a call may go on after `run` has returned."""
    inbox = host.add_executor(name, threads, bounded=bounded)
    Threads(name, inbox, run, threads).start()
    host.executor_ready(name)


def _checked(executors: Mapping[str, Any]) -> dict[str, ThreadExecutor]:
    for name, executor in executors.items():
        if name == "async":
            raise ValueError('"async" is the portal\'s own executor; choose another name')
        if not isinstance(executor, ThreadExecutor):
            raise TypeError(f"executors[{name!r}] must be a `ThreadExecutor`, got {executor!r}")
    return dict(executors)
