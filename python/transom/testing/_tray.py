"""Defines `TestTray`, a tray icon of a `TestApp`: a test acts as the mouse."""

from collections.abc import Sequence
from typing import Any

from .._native import MouseButton, TrayIconEvent
from ._desktop.desktop import Desktop
from ._menus import trays
from ._menus.trays import Shown


class TestTray:
    """A tray icon. `TestApp.trays` has those that commands have made. Use it on the loop of the
    test only. Its events are those of macOS and Windows: Linux tells of none.
    """

    __test__ = False

    def __init__(self, desktop: Desktop, shown: Shown) -> None:
        self._desktop = desktop
        self._shown = shown

    @property
    def id(self) -> str:
        """Its id."""
        return self._shown.id

    @property
    def icon(self) -> object:
        """Its `Image`, or `None`."""
        return self._shown.icon

    @property
    def menu(self) -> Any:
        """Its `Menu` or `Submenu`, or `None`."""
        return self._shown.menu

    @property
    def tooltip(self) -> str | None:
        """The text under the mouse."""
        return self._shown.tooltip

    @property
    def title(self) -> str | None:
        """The text beside it."""
        return self._shown.title

    @property
    def visible(self) -> bool:
        """Whether it is shown."""
        return self._shown.visible

    @property
    def removed(self) -> bool:
        """Whether it has been removed."""
        return self._desktop.trays.shown.get(self.id) is not self._shown

    # What its user does. Each waits until the handlers have ended that are called for it.

    async def click(self, button: MouseButton = MouseButton.Left) -> None:
        """Clicks it: two events `Click`, of the button that goes down, and up again."""
        await self._tell(*trays.click(self.id, button))

    async def double_click(self, button: MouseButton = MouseButton.Left) -> None:
        """Clicks it twice: the event `DoubleClick`."""
        await self._tell(trays.double_click(self.id, button))

    async def hover(self) -> None:
        """Moves the mouse over it: the events `Enter`, `Move` and `Leave`."""
        await self._tell(*trays.passing(self.id))

    async def click_menu(self, path: str | Sequence[str], /) -> None:
        """Chooses an item of its menu: see `TestApp.click_menu`."""
        self._check()
        where = f"the tray icon `{self.id}`"
        await self._desktop.heard(self._desktop.menus.choose(self.menu, path, where))

    async def _tell(self, *events: TrayIconEvent) -> None:
        self._check()
        await self._desktop.heard(self._desktop.trays.tell(self.id, *events))

    def _check(self) -> None:
        if self.removed:
            raise RuntimeError(f"the tray icon `{self.id}` is removed")
        if not self.visible:
            raise RuntimeError(f"the tray icon `{self.id}` is hidden")
