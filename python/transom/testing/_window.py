"""Defines `TestWindow`, a window of a `TestApp`: a test acts as its page, and as its user."""

from collections.abc import Sequence
from typing import Any

from .._native import WindowEvent
from ..errors import WindowClosed
from ._capabilities import Granted
from ._desktop.doubles import Doubles
from ._desktop.lanes import Hearing
from ._desktop.state import WindowState
from ._desktop.window import Window, origin_of
from ._menus.bars import Popup
from ._page.body import body_of
from ._page.document import Spawn
from ._page.page import Page


class TestWindow(Page):
    """An open window. Use it on the loop of the test only.

    `TestApp.window()` gives it, with its page; `TestApp.windows` has also those without one.
    """

    __test__ = False

    def __init__(self, doubles: Doubles, window: Window) -> None:
        super().__init__(doubles.desktop.wire, window.label, window.closed.is_set)
        self._doubles = doubles
        self._window = window
        self._granted: Granted | None = None
        window.webview = self

    def open_page(self, spawn: Spawn, granted: Granted, *, hold: bool) -> None:
        """Shows its page, which may do what it was granted."""
        self._granted = granted
        origin = origin_of(self.url)
        self.appear(spawn, granted.scope(origin), origin=origin, hold=hold)

    # What it is.

    @property
    def url(self) -> str:
        """The address of its page."""
        return self._window.url

    @property
    def closed(self) -> bool:
        """Whether it has been closed."""
        return self._window.closed.is_set()

    @property
    def state(self) -> WindowState:
        """What it is like, by what was set: `state.title`, `state.inner_size`, …"""
        return self._window.state

    @property
    def args(self) -> dict[str, Any]:
        """The keyword arguments that it was built with."""
        return dict(self._window.args)

    @property
    def scripts(self) -> list[str]:
        """The scripts that `webview_window.eval` was called with. None of them has run."""
        return self._window.scripts

    @property
    def menu(self) -> Any:
        """The `Menu` that it shows: its own, or that of the app. `None`: it shows none."""
        return self._window.bar.menu

    @property
    def popups(self) -> list[Popup]:
        """The context menus that were shown at it, in order, each with its place."""
        return self._window.bar.popups

    @property
    def app_handle(self) -> Any:
        """The double that its commands get as `app_handle`."""
        return self._doubles.handle(self)

    @property
    def webview_window(self) -> Any:
        """The double that its commands get as `webview_window`."""
        return self._doubles.webview_window(self._window, self)

    # What its page does.

    async def emit(self, event: str, payload: Any = None, /) -> None:
        """Sends an event, as a page does by `emit`, and waits until the handlers of `Listener` have
        ended. `payload` is what `invoke` takes as a body that is JSON.

        Raises:
            TypeError: It is no JSON.
            ValueError: An app would refuse the name.
        """
        self._window.check_open()
        body = body_of(payload)
        if body.kind != "json":
            raise TypeError(f"an event carries JSON, not {type(payload).__name__!r}")
        desktop = self._doubles.desktop
        desktop.hear(event, body.data.decode())
        await self._heard(desktop.listeners.hearing)

    # What its user does. Each waits until the handlers have ended that are called for it.

    async def request_close(self) -> bool:
        """Clicks its close button. Its handlers of `CloseRequested` are asked, as in an app.

        Returns:
            Whether it has closed.
        """
        await self._heard(self._window.request_close())
        if self.closed:
            await self._heard(self._window.farewell)
        return self.closed

    async def resize(self, width: int, height: int) -> None:
        """Drags its border. `Resized`; its smallest and largest size hold."""
        await self._change(inner_size=(width, height))

    async def move(self, x: int, y: int) -> None:
        """Drags it to another place. `Moved`."""
        await self._change(position=(x, y))

    async def focus(self) -> None:
        """Clicks into it. `Focused`, also of the window that had the focus."""
        hearing = Hearing()
        self._window.focus(hearing)
        hearing.end()
        await self._heard(hearing)

    async def send(self, event: WindowEvent) -> None:
        """Calls its handlers with another event of the window system: `DragDrop`, `ThemeChanged`,
        …"""
        hearing = Hearing()
        self._window.check_open()
        self._window.tell(event, hearing)
        hearing.end()
        await self._heard(hearing)

    async def click_menu(self, path: str | Sequence[str], /) -> None:
        """Chooses an item of the menu that it shows: see `TestApp.click_menu`."""
        self._window.check_open()
        menus, where = self._doubles.desktop.menus, f"the window `{self.label}`"
        await self._heard(menus.choose(self._window.bar.menu, path, where))

    async def press(self, keys: str, /) -> None:
        """Chooses the item of its menu that has this accelerator, and waits until its handlers have
        ended. It may be written otherwise than the item's: `"Ctrl+S"` for `"CmdOrCtrl+KeyS"`.

        Raises:
            LookupError: No item has it. The error says which there are.
            ValueError: The item is disabled, or this is no accelerator.
        """
        self._window.check_open()
        menus, where = self._doubles.desktop.menus, f"the window `{self.label}`"
        await self._heard(menus.press(self._window.bar.menu, keys, where))

    async def click_popup(self, path: str | Sequence[str], /) -> None:
        """Chooses an item of the context menu that is open, which closes it: see
        `TestApp.click_menu`.
        """
        self._window.check_open()
        menus, where = self._doubles.desktop.menus, f"the window `{self.label}`"
        await self._heard(menus.choose_in(self._window.bar, path, where))

    async def wait_closed(self) -> None:
        """Waits until a command has closed it, and its handlers of `Destroyed` have ended.

        It may wait for ever: put it into `anyio.fail_after`.
        """
        await self._heard(self._window.farewell)

    async def _change(self, **fields: Any) -> None:
        hearing = Hearing()
        self._window.change(hearing, **fields)
        hearing.end()
        await self._heard(hearing)

    async def _heard(self, hearing: Hearing) -> None:
        await self._doubles.desktop.heard(hearing)

    def close(self) -> None:
        """Destroys it, without asking anyone. Its calls end with `window-closed`."""
        self._window.destroy()

    # For the desktop. Commands close and reload windows on any thread.

    def reaches(self, label: str) -> bool:
        return self._scope is not None and self._scope.denial(self.label, label) is None

    def check_reach(self, label: str) -> None:
        if self._scope is not None and (denial := self._scope.denial(self.label, label)):
            raise PermissionError(denial)

    def check_open(self) -> None:
        if self.closed:
            raise WindowClosed(
                f"the window `{self.label}`, for which this `app_handle` was made, is closed; what "
                "must go on without it uses `app_handle.app`, asked for in time"
            )

    def end_soon(self) -> None:
        if self._wire.is_here():
            self.end()
        else:
            self._wire.soon(self.end)

    def reload_soon(self) -> None:
        if self.attached:
            self._wire.soon(self._reload_if_open)

    def _reload_if_open(self) -> None:
        if not self.closed:
            self.reload()

    def navigate_soon(self, url: str) -> None:
        def navigate() -> None:
            if self.closed or self._granted is None:
                return
            self._wire.page_started(self.label)
            self.leave("the page was left for another address")
            origin = origin_of(url)
            self.show(self._granted.scope(origin), origin)

        self._wire.soon(navigate)
