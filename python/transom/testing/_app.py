"""Defines `TestApp`, an app without a display."""

import asyncio
import logging
import warnings
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from json import loads
from threading import Thread
from types import TracebackType
from typing import Any, Self

from anyio import Event, create_task_group, get_cancelled_exc_class
from anyio.abc import TaskGroup
from anyio.from_thread import BlockingPortal

from .._app.app import host_for
from .._commands.commands import Commands
from .._commands.policies import Limits
from .._loops.latch import own_portal
from .._loops.patched import check_threads
from .._native import WebviewUrl, WindowArgumentReader
from .._observe.calls import CallInfo
from .._observe.logs import forwarded
from .._observe.metrics import Metrics, metrics_of
from .._observe.workers import Worker
from ._capabilities import Capabilities, Entry, Granted, authority_of
from ._desktop.desktop import Emitted
from ._desktop.doubles import Doubles
from ._desktop.managers import take_doubles
from ._desktop.window import OWN, Window, origin_of
from ._page.wire import EVENTS, Wire
from ._plugins.dialogs import Dialogs
from ._tray import TestTray
from ._window import TestWindow


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
        self._authority = authority_of(capabilities)
        self._limits = limits or Limits()
        self._executors = executors
        self._backend = backend
        self._portal = portal
        self._patience = patience
        self._tasks: TaskGroup | None = None
        self._ends = ExitStack()
        self._ended = False

    async def __aenter__(self) -> Self:
        if self._tasks is not None:
            raise RuntimeError("a `TestApp` is used once: make another one")
        check_threads()
        take_doubles()
        self._host = host_for(self._limits)
        self._wire = Wire(self._host)
        self._doubles = Doubles(self._host, self._wire)
        self._desktop = self._doubles.desktop
        self._wire.open_channel(EVENTS, self._desktop.take_event)
        self._tasks = await create_task_group().__aenter__()
        self._tasks.start_soon(self._wire.serve, self._tasks, name="transom test wire")
        try:
            # On another thread, as in a real app: no portal can be told of work from a trio loop.
            await self._wire.in_thread(partial(self._begin, self._backend or _running_backend()))
            if self._authority is not None:
                self._desktop.trays.open_config(self._authority.tray_icon())
                for config in self._authority.windows():
                    self._desktop.open_config(config)
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
        self._desktop.lanes.set_portal(portal)
        self._ends.callback(self._desktop.lanes.end)
        handler.attach(self._doubles.runtime)

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
            self._desktop.end()
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

    @property
    def windows(self) -> dict[str, TestWindow]:
        """The open windows by label, in the order of their opening: those of the configuration,
        those that commands have built, and those that `window()` has opened.
        """
        self._check_runs()
        windows = self._desktop.windows()
        return {label: self._test_window(window) for label, window in windows.items()}

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
        """Gives the window with this label, after its page has said hello. Opens it, unless it is
        one of the configuration, or a command has built it.

        Args:
            label: Its label. `ValueError`: it has a page already, so keep what gave it that; or no
                window can have it.
            allow: Scope entries: `[{"command": "render"}, {"window": "main"}]`.
            deny: Scope entries that win over `allow`.
            capabilities: Instead of `allow` and `deny`, and of the app's capabilities.
            url: The address of a page that is not the app's own: `https://docs.example`.
            hold: Whether the page holds calls beyond the window's limit back, as the client for
                pages does. `False` sends them all, as a hostile page may.
        """
        tasks = self._check_runs()
        granted = Granted(self._authority, label, allow=allow, deny=deny, capabilities=capabilities)
        found = self._desktop.window(label)
        if found is not None and self._test_window(found).attached:
            raise ValueError(f"a window `{label}` is open: close it, or choose another label")
        address = url or (OWN if found is None else found.url)
        granted.scope(origin_of(address))  # raises what is wrong with it before a window is there
        if found is None:
            WindowArgumentReader.build(label, WebviewUrl.App("index.html"))
            found = self._desktop.open(label, address)
        found.url = address
        window = self._test_window(found)
        window.open_page(tasks.start_soon, granted, hold=hold)
        return window

    async def opened(self, label: str, /) -> TestWindow:
        """Waits for the window with this label, which a command builds that still runs.

        It may wait for ever: put it into `anyio.fail_after`. `window()` then gives it its page.
        """
        self._check_runs()
        while (window := self._desktop.window(label)) is None:
            opened = Event()
            self._desktop.on_open(label, partial(self._wire.soon, opened.set))
            await opened.wait()
        return self._test_window(window)

    @property
    def menu(self) -> Any:
        """The `Menu` of the app, of all windows that have none of their own, or `None`. Its
        methods say what it is like: `app.menu.get("file").get("open").is_enabled()`.
        """
        return self._desktop.menus.of_app

    async def click_menu(self, path: str | Sequence[str], /) -> None:
        """Chooses an item of the menu of the app, and waits until its handlers have ended.

        Args:
            path: The ids or texts of submenus and item, such as `"file/open"`. A list where one
                of them has a `/`.

        Raises:
            LookupError: There is no such item. The error says which there are.
            ValueError: A user could not choose it: it is disabled, or carried out by the system.
        """
        self._check_runs()
        await self._desktop.heard(self._desktop.menus.choose(self.menu, path, "the app"))

    @property
    def trays(self) -> dict[str, TestTray]:
        """The tray icons by id: that of the configuration, and those that commands have made, in
        their order.
        """
        return {
            tray_id: TestTray(self._desktop, shown)
            for tray_id, shown in self._desktop.trays.shown.items()
        }

    def _test_window(self, window: Window) -> TestWindow:
        found = window.webview
        return found if isinstance(found, TestWindow) else TestWindow(self._doubles, window)

    def _check_runs(self) -> TaskGroup:
        if self._tasks is None:
            raise RuntimeError("the app does not run: write `async with TestApp(commands) as app`")
        return self._tasks

    def manage(self, state: object, /) -> bool:
        """Gives the app a state, as `Manager.manage` does."""
        return self._desktop.manage(state)

    @property
    def app_handle(self) -> Any:
        """The double of the app handle that is bound to no window."""
        return self._doubles.handle(None)

    @property
    def dialogs(self) -> Dialogs:
        """What the user answers to dialogs, and what they were asked."""
        return self._desktop.dialogs

    @property
    def notifications(self) -> list[dict[str, Any]]:
        """The notifications that were shown: the keywords of each. Clear it when you like."""
        return self._desktop.notifications

    @property
    def emitted(self) -> list[Emitted]:
        """The events that Python has sent, in order. Clear it when you like."""
        return self._desktop.emitted

    async def heard(self) -> None:
        """Waits until the handlers of `Listener` have ended that were called so far for events."""
        await self._desktop.heard(self._desktop.listeners.hearing)

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
        return loads(self._host.gauges())

    def counters(self) -> dict[str, Any]:
        """How calls have ended so far."""
        return loads(self._host.counters())


def _running_backend() -> str:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return "trio"
    return "asyncio"
