"""Refuses the arguments that the native functions refuse, with their errors."""

from collections.abc import Callable
from typing import Any, Final

from ..._native import IconMenuItem, MenuItem, TrayIcon

_NOBODY = "expected an App, an AppHandle"

# As they are before the kit makes them accept doubles.
_ITEM: Final = MenuItem.with_id
_ICON_ITEM: Final = IconMenuItem.with_id
_NATIVE_ICON_ITEM: Final = IconMenuItem.with_native_icon
_TRAY: Final = TrayIcon.with_id


def check(native: Callable[..., object], /, *args: Any, **kwargs: Any) -> None:
    """Raises what `native` raises for these arguments after its first, the manager.

    A native function reads all its arguments before it looks at the manager.
    """
    try:
        native(None, *args, **kwargs)
    except TypeError as error:
        if not str(error).startswith(_NOBODY):
            raise


def check_text(text: object) -> None:
    check(_ITEM, "id", text)


def check_flag(flag: object) -> None:
    check(_ITEM, "id", "text", flag)


def check_accelerator(accelerator: object) -> None:
    check(_ITEM, "id", "text", True, accelerator)


def check_icon(icon: object) -> None:
    check(_ICON_ITEM, "id", "text", True, icon)


def check_native_icon(icon: object) -> None:
    check(_NATIVE_ICON_ITEM, "text", True, icon)


def check_tray(tray_id: object, icon: object, tooltip: object, title: object) -> None:
    check(_TRAY, tray_id, icon=icon, tooltip=tooltip, title=title)
