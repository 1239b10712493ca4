"""Provides the doubles of the items of menus."""

from collections.abc import Callable
from itertools import count
from typing import Any, ClassVar, Final

from ..._app import clicks
from ..._native import CheckMenuItem, IconMenuItem, MenuItem, PredefinedMenuItem
from .reading import check_accelerator, check_flag, check_icon, check_native_icon, check_text

_numbers = count(1)

TEXTS: Final = {
    "separator": "",
    "copy": "&Copy",
    "cut": "Cu&t",
    "paste": "&Paste",
    "select_all": "Select &All",
    "undo": "Undo",
    "redo": "Redo",
    "minimize": "&Minimize",
    "maximize": "Ma&ximize",
    "fullscreen": "Toggle Full Screen",
    "hide": "&Hide",
    "hide_others": "Hide Others",
    "show_all": "Show All",
    "close_window": "C&lose Window",
    "quit": "&Quit",
    "about": "&About",
    "services": "Services",
    "bring_all_to_front": "Bring All to Front",
}
"""The system's items, and what they are called on Linux."""


class Named:
    """What items and menus have in common. `isinstance` holds for the class that it plays."""

    plays: ClassVar[type]

    def __init__(self, handle: Callable[[], Any], own_id: str | None) -> None:
        """`handle()` gives the app's handle that it was made with."""
        self._handle = handle
        self._id = str(next(_numbers)) if own_id is None else own_id

    @property
    def __class__(self) -> Any:
        return self.plays

    @__class__.setter
    def __class__(self, _: type) -> None:
        raise TypeError(f"a {self.plays.__name__} stays one")

    def app_handle(self) -> Any:
        return self._handle()

    def id(self) -> str:
        return self._id

    def __repr__(self) -> str:
        return f'<{self.plays.__name__} "{self._id}">'


class Item(Named):
    """A double of an item."""

    def __init__(self, handle: Callable[[], Any], own_id: str | None, text: str) -> None:
        super().__init__(handle, own_id)
        self._text = text

    def text(self) -> str:
        return self._text

    def set_text(self, text: str, /) -> None:
        check_text(text)
        self._text = text


class Enabled(Item):
    """A double of an item that can be disabled."""

    def __init__(
        self, handle: Callable[[], Any], own_id: str | None, text: str, enabled: bool
    ) -> None:
        super().__init__(handle, own_id, text)
        self._enabled = enabled

    def is_enabled(self) -> bool:
        return self._enabled

    def set_enabled(self, enabled: bool, /) -> None:
        check_flag(enabled)
        self._enabled = enabled


class Choice(Enabled):
    """A double of an item that can be chosen."""

    plays = MenuItem

    def __init__(
        self,
        handle: Callable[[], Any],
        own_id: str | None,
        text: str,
        enabled: bool,
        accelerator: str | None,
        on_click: Callable[[Any], object] | None,
    ) -> None:
        super().__init__(handle, own_id, text, enabled)
        self.accelerator = accelerator
        self._on_click = on_click

    def set_accelerator(self, accelerator: str | None, /) -> None:
        check_accelerator(accelerator)
        self.accelerator = accelerator

    def set_on_click(self, on_click: Callable[[Any], object] | None, /) -> None:
        if on_click is not None:
            clicks.check(on_click)
        self._on_click = on_click

    def _clicked(self) -> Callable[[Any], Any] | None:
        return self._on_click

    def chosen(self) -> None:
        """The user has chosen it."""

    def click(self) -> Callable[[], object] | None:
        """What calls its handler, if it has one."""
        return None if self._on_click is None else clicks.weakly(self)


class Check(Choice):
    """A double of an item with a check mark."""

    plays = CheckMenuItem
    _checked = False

    def is_checked(self) -> bool:
        return self._checked

    def set_checked(self, checked: bool, /) -> None:
        check_flag(checked)
        self._checked = checked

    def chosen(self) -> None:
        self._checked = not self._checked


class Icon(Choice):
    """A double of an item with an icon."""

    plays = IconMenuItem
    icon: object = None
    """Its image, or its `NativeIcon`."""

    def set_icon(self, icon: Any, /) -> None:
        check_icon(icon)
        self.icon = icon

    def set_native_icon(self, native_icon: Any, /) -> None:
        check_native_icon(native_icon)
        self.icon = native_icon


class Predefined(Item):
    """A double of an item of the system."""

    plays = PredefinedMenuItem

    def __init__(self, handle: Callable[[], Any], kind: str, text: str | None) -> None:
        super().__init__(handle, None, TEXTS[kind] if text is None else text)
        self.kind = kind
