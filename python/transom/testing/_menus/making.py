"""Makes doubles of menus, items and tray icons, as the classes of an app make menus."""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import count
from typing import Any, Final

from ..._app import clicks
from ..._native import (
    HELP_SUBMENU_ID,
    WINDOW_SUBMENU_ID,
    AboutMetadata,
    CheckMenuItem,
    IconMenuItem,
    Menu,
    MenuItem,
    NativeIcon,
    PredefinedMenuItem,
    Submenu,
    TrayIcon,
)
from .._desktop.doubles import Double
from . import items, methods, reading
from .containers import AMenu, ASubmenu, check_any_menu
from .trays import TrayDouble

Made = Callable[..., Any]
_numbers = count(1)


def _handle_of(manager: Double) -> Callable[[], Double]:
    """Gives the app's handle of the reach that a manager has."""
    return partial(manager.doubles.handle_of, manager.reach)


def _choice(kind: type[items.Choice], manager: Double, own_id: str | None, *args: Any) -> Any:
    text, enabled, accelerator, on_click = args
    reading.check_text(text if own_id is None else own_id)
    reading.check_text(text)
    reading.check_flag(enabled)
    reading.check_accelerator(accelerator)
    if on_click is not None:
        clicks.check(on_click)
    return kind(_handle_of(manager), own_id, text, enabled, accelerator, on_click)


def item(
    manager: Double,
    own_id: str | None,
    text: str,
    enabled: bool = True,
    accelerator: str | None = None,
    /,
    *,
    on_click: Any = None,
) -> Any:
    return _choice(items.Choice, manager, own_id, text, enabled, accelerator, on_click)


def check_item(
    manager: Double,
    own_id: str | None,
    text: str,
    enabled: bool = True,
    checked: bool = False,
    accelerator: str | None = None,
    /,
    *,
    on_click: Any = None,
) -> Any:
    made = _choice(items.Check, manager, own_id, text, enabled, accelerator, on_click)
    made.set_checked(checked)
    return made


def icon_item(
    manager: Double,
    own_id: str | None,
    text: str,
    enabled: bool = True,
    icon: Any = None,
    accelerator: str | None = None,
    /,
    *,
    on_click: Any = None,
) -> Any:
    made = _choice(items.Icon, manager, own_id, text, enabled, accelerator, on_click)
    made.set_icon(icon)
    return made


def native_icon_item(
    manager: Double,
    own_id: str | None,
    text: str,
    enabled: bool = True,
    icon: NativeIcon | None = None,
    accelerator: str | None = None,
    /,
    *,
    on_click: Any = None,
) -> Any:
    made = _choice(items.Icon, manager, own_id, text, enabled, accelerator, on_click)
    made.set_native_icon(icon)
    return made


def predefined(kind: str, manager: Double, text: str | None = None, /) -> Any:
    if text is not None:
        reading.check_text(text)
    return items.Predefined(_handle_of(manager), kind, text)


def about(manager: Double, text: str | None = None, metadata: object = None, /) -> Any:
    if metadata is not None and not isinstance(metadata, AboutMetadata):
        raise TypeError(f"`metadata` must be an AboutMetadata, not {metadata!r}")
    return predefined("about", manager, text)


def menu(manager: Double, own_id: str | None, given: Iterable[Any] = (), /) -> Any:
    if own_id is not None:
        reading.check_text(own_id)
    made = AMenu(_handle_of(manager), own_id, manager.desktop.menus)
    made.append_items(given)
    return made


def submenu(
    manager: Double,
    own_id: str | None,
    text: str,
    enabled: bool = True,
    given: Iterable[Any] = (),
    /,
) -> Any:
    reading.check_text(text if own_id is None else own_id)
    reading.check_text(text)
    reading.check_flag(enabled)
    made = ASubmenu(_handle_of(manager), own_id, text, enabled, manager.desktop.menus)
    made.append_items(given)
    return made


def default_menu(manager: Double, /) -> Any:
    """The items that Tauri gives a menu on Linux."""

    def of(own_id: str | None, text: str, *kinds: str) -> Any:
        return submenu(manager, own_id, text, True, [predefined(it, manager) for it in kinds])

    edit = ("undo", "redo", "separator", "cut", "copy", "paste", "select_all")
    window = of(WINDOW_SUBMENU_ID, "Window", "minimize", "maximize", "close_window")
    help_ = of(HELP_SUBMENU_ID, "Help", "about")
    return menu(manager, None, [of(None, "Edit", *edit), window, help_])


def tray(
    manager: Double,
    own_id: str | None,
    /,
    *,
    icon: Any = None,
    menu: Any = None,
    tooltip: str | None = None,
    title: str | None = None,
) -> TrayDouble:
    reading.check_tray("tray" if own_id is None else own_id, icon, tooltip, title)
    manager.check_open()
    manager.check_reach("*")
    trays = manager.desktop.trays
    shown = None if menu is None else check_any_menu(menu)
    tray_id = trays.add(own_id, icon=icon, menu=shown, tooltip=tooltip, title=title)
    reach, handle = manager.reach, _handle_of(manager)

    def owner() -> Double:
        if reach is not None:
            reach.check_open()
        return handle()

    return trays.double(tray_id, handle, owner)


def _without_id(make: Made) -> Made:
    """`make` without the argument of the id."""

    def made(manager: Double, /, *args: Any, **kwargs: Any) -> Any:
        return make(manager, None, *args, **kwargs)

    return made


def _new(make: Made, native: Made) -> tuple[Made, Made]:
    """What `Class(…)` does with a double, and with everything else.

    The native `__new__` refuses to be called once there is another one, so another road makes what
    has no id: with one of its own.
    """

    def of_double(_: type, manager: Double, /, *args: Any, **kwargs: Any) -> Any:
        return make(manager, None, *args, **kwargs)

    def of_app(_: type, manager: Any = None, /, *args: Any, **kwargs: Any) -> Any:
        return native(manager, f"{next(_numbers)}-without-id", *args, **kwargs)

    return of_double, of_app


_PREDEFINED: Final = {name: partial(predefined, name) for name in items.TEXTS}

METHODS: Final[tuple[tuple[type, dict[str, Made]], ...]] = (
    (MenuItem, {"with_id": item}),
    (CheckMenuItem, {"with_id": check_item}),
    (
        IconMenuItem,
        {
            "with_id": icon_item,
            "with_native_icon": _without_id(native_icon_item),
            "with_id_and_native_icon": native_icon_item,
        },
    ),
    (PredefinedMenuItem, {**_PREDEFINED, "about": about}),
    (
        Submenu,
        {
            "with_id": submenu,
            "with_items": _without_id(submenu),
            "with_id_and_items": submenu,
        },
    ),
    (
        Menu,
        {
            "with_id": menu,
            "with_items": _without_id(menu),
            "with_id_and_items": menu,
            "default": default_menu,
        },
    ),
    (TrayIcon, {"with_id": tray}),
)
"""By class: its static functions, for doubles."""

NEW: Final[tuple[tuple[type, Made, Made], ...]] = (
    (MenuItem, *_new(item, MenuItem.with_id)),
    (CheckMenuItem, *_new(check_item, CheckMenuItem.with_id)),
    (IconMenuItem, *_new(icon_item, IconMenuItem.with_id)),
    (Submenu, *_new(submenu, Submenu.with_id)),
    (Menu, *_new(menu, Menu.with_id)),
    (TrayIcon, *_new(tray, TrayIcon.with_id)),
)
"""By class: its `__new__` for doubles, and for everything else."""

POPUPS: Final[dict[str, Made]] = {"popup": methods.popup, "popup_at": methods.popup}
"""The static functions of `ContextMenu`, for doubles of menus."""
