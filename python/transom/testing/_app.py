"""Defines `TestApp`, an app without a display."""

import asyncio
import json
import logging
import warnings
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any, Self

from anyio import create_task_group, get_cancelled_exc_class
from anyio.abc import TaskGroup
from anyio.from_thread import BlockingPortal

from .._app.app import host_for
from .._commands.commands import Commands
from .._commands.policies import Limits
from .._loops.latch import own_portal
from .._native import Authority, Scope
from .._observe.calls import CallInfo
from .._observe.logs import forwarded
from .._observe.metrics import Metrics, metrics_of
from .._observe.workers import Worker
from ._doubles import Desktop, Double, Emitted
from ._managers import take_doubles
from ._window import TestWindow
from ._wire import EVENTS, Wire

Entry = Mapping[str, str]
"""A scope entry of a capability file: `{"command": "render"}` or `{"window": "main"}`."""
Capabilities = Path | Mapping[str, Any] | Sequence[Mapping[str, Any]]
"""The folder of an app, or the contents of a capability file: one capability, or a list."""

EVERYTHING: Sequence[Entry] = ({"command": "*"}, {"window": "*"})
"""The same scope as `transom:default`."""


class TestApp:
    """Runs the commands of an app without windows: `async with TestApp(commands) as app:`.

    Args:
        commands: The app's commands.
        capabilities: What its windows may do: the folder that `run()` takes, whose configuration
            and capability files are read as the app reads them, or capabilities as in such a
            file. Default: every window may call every command.
        limits: As for `generate_handler`.
        executors: As for `generate_handler`.
        backend: The event loop of the commands. Default: the one that runs the test.
        portal: A portal to run the commands on, in another thread. Default: one of its own.
        patience: How many seconds the end waits for commands that still run; they are cancelled.

    Leaving the block ends the app as a real one ends. A command that still runs after `patience`
    is a `ResourceWarning`.
    """

    __test__ = False

    def __init__(
        self,
        commands: Commands,
        /,
        *,
        capabilities: Capabilities | None = None,
        limits: Limits | None = None,
        executors: Mapping[str, Any] | None = None,
        backend: str | None = None,
        portal: BlockingPortal | None = None,
        patience: float = 7.0,
    ) -> None:
        self._commands = commands
        self._authority = None if capabilities is None else _authority(capabilities)
        self._limits = limits or Limits()
        self._executors = executors
        self._backend = backend
        self._portal = portal
        self._patience = patience
        self._windows: dict[str, TestWindow] = {}
        self._tasks: TaskGroup | None = None
        self._ends = ExitStack()
        self._ended = False

    async def __aenter__(self) -> Self:
        if self._tasks is not None:
            raise RuntimeError("a `TestApp` is used once: make another one")
        take_doubles()
        self._host = host_for(self._limits)
        self._wire = Wire(self._host)
        self._desktop = Desktop(self._host, self._windows)
        self._wire.open_channel(EVENTS, self._desktop.take_event)
        self._tasks = await create_task_group().__aenter__()
        self._tasks.start_soon(self._wire.serve, self._tasks, name="transom test wire")
        try:
            # On another thread, as in a real app: no portal can be told of work from a trio loop.
            await self._wire.in_thread(partial(self._begin, self._backend or _running_backend()))
        except BaseException:
            # Executors may have been started, and the portal waits for theirs.
            await self._finish()
            raise
        return self

    def _begin(self, backend: str) -> None:
        # From `DEBUG` on: a test may lower the level of its logger at any time.
        self._ends.enter_context(forwarded(logging.DEBUG))
        portal = self._portal or self._ends.enter_context(own_portal(backend))
        handler = self._commands.generate_handler(
            portal, executors=self._executors, limits=self._limits
        )
        self._ends.callback(handler.detach)
        handler.attach(self._desktop.runtime)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await self._finish()
        except get_cancelled_exc_class():
            if error is None:
                raise  # else the error goes on: it was first
        if not self._ended:
            still = ", ".join(f"`{call.command}`" for call in self.calls())
            warnings.warn(
                f"still running {self._patience} s after the end of the app: {still}",
                ResourceWarning,
                stacklevel=2,
            )

    async def _finish(self) -> None:
        """Ends the app. A cancel, before it or meanwhile, goes on when everything has ended."""
        try:
            await self._wire.in_thread(self._end)
        finally:
            for window in self._windows.values():
                window.close()
            try:
                if self._ended:
                    await self._wire.in_thread(self._host.end)
            finally:
                await self._leave()

    async def _leave(self) -> None:
        assert self._tasks is not None
        self._wire.stop()
        self._tasks.cancel_scope.cancel()
        # Without the error of the block: it would come back inside a group.
        await self._tasks.__aexit__(None, None, None)

    def _end(self) -> None:
        self._ended = self._host.drain(self._patience)
        if self._ended:
            self._ends.close()
        else:
            # What still runs may hold the portal for as long as it likes.
            Thread(target=self._ends.close, name="transom-test-end", daemon=True).start()

    def window(
        self,
        label: str = "main",
        /,
        *,
        allow: Iterable[Entry] | None = None,
        deny: Iterable[Entry] = (),
        capabilities: Capabilities | None = None,
        url: str | None = None,
        hold: bool = True,
    ) -> TestWindow:
        """Opens a window; its page says hello.

        Args:
            label: Its label. `ValueError`: a window that has it is open.
            allow: Scope entries: `[{"command": "render"}, {"window": "main"}]`.
            deny: Scope entries that win over `allow`.
            capabilities: Instead of `allow` and `deny`, and of the app's capabilities.
            url: The address of a page that is not the app's own: `https://docs.example`.
            hold: Whether the page holds calls beyond the window's limit back, as the client for
                pages does. `False` sends them all, as a hostile page may.
        """
        if self._tasks is None:
            raise RuntimeError("the app does not run: write `async with TestApp(commands) as app`")
        known = self._windows.get(label)
        if known is not None and not known.closed:
            raise ValueError(f"a window `{label}` is open: close it, or choose another label")
        scope = self._scope_of(label, allow, deny, capabilities, url)
        spawn = self._tasks.start_soon
        window = TestWindow(self._wire, spawn, self._desktop, label, scope, url=url, hold=hold)
        self._windows[label] = window
        return window

    def _scope_of(
        self,
        label: str,
        allow: Iterable[Entry] | None,
        deny: Iterable[Entry],
        capabilities: Capabilities | None,
        url: str | None,
    ) -> Scope | None:
        deny = list(deny)
        if capabilities is not None and (allow is not None or deny):
            raise TypeError("give either `capabilities`, or `allow` and `deny`")
        authority = self._authority if capabilities is None else _authority(capabilities)
        if authority is not None and allow is None and not deny:
            return authority.scope(label, url)
        granted = EVERYTHING if allow is None else list(allow)
        return Scope(json.dumps(granted), json.dumps(deny))

    def manage(self, state: object, /) -> bool:
        """Gives the app a state, as `Manager.manage` does."""
        return self._desktop.manage(state)

    @property
    def app_handle(self) -> Double:
        """The double of the app handle that is bound to no window."""
        return self._desktop.app_handle

    @property
    def emitted(self) -> list[Emitted]:
        """The events that Python has sent, in order. Clear it when you like."""
        return self._desktop.emitted

    @property
    def exit_code(self) -> int | None:
        """The code of the first `app_handle.exit(code)`. The app goes on."""
        return self._desktop.exit_code

    def calls(self) -> list[CallInfo]:
        """The calls whose work has not ended, oldest first: what `app_handle.calls()` gives."""
        return self._desktop.calls()

    def metrics(self) -> Metrics:
        """Gauges, counters and latencies: what `transom.metrics()` gives."""
        return metrics_of(self._host)

    def cancel(self, call_id: int, /) -> bool:
        """Cancels a call of `calls()`. `False`: it has ended, or is being cancelled."""
        return self._host.cancel(call_id)

    def workers(self) -> list[Worker]:
        """The worker processes of its pools: what `app_handle.workers()` gives."""
        return self._desktop.workers()

    def gauges(self) -> dict[str, Any]:
        """What the app holds now: calls, windows, commands, executors."""
        return json.loads(self._host.gauges())

    def counters(self) -> dict[str, Any]:
        """How calls have ended so far."""
        return json.loads(self._host.counters())


def _authority(capabilities: Capabilities) -> Authority:
    if isinstance(capabilities, Path):
        return Authority.of_folder(capabilities.absolute())
    return Authority.of_json(json.dumps(capabilities))


def _running_backend() -> str:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return "trio"
    return "asyncio"
