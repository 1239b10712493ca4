"""Makes a menu of a nested description: texts, dicts and items."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict, cast

from .._native import (
    AboutMetadata,
    AppHandle,
    CheckMenuItem,
    IconMenuItem,
    Menu,
    MenuItem,
    NativeIcon,
    PredefinedMenuItem,
    Submenu,
)

if TYPE_CHECKING:
    from .._native import Image, WebviewWindow
    from .app import App

AnyItem: TypeAlias = MenuItem | CheckMenuItem | IconMenuItem | PredefinedMenuItem | Submenu

_DEEPEST = 16
_PREDEFINED = (
    "separator",
    "copy",
    "cut",
    "paste",
    "select_all",
    "undo",
    "redo",
    "minimize",
    "maximize",
    "fullscreen",
    "hide",
    "hide_others",
    "show_all",
    "close_window",
    "quit",
    "about",
    "services",
    "bring_all_to_front",
)


class ItemDescription(TypedDict, total=False):
    """An item: with `items` a submenu, with `predefined` one of the system's."""

    text: str
    id: str
    enabled: bool
    items: "Iterable[str | ItemDescription | AnyItem]"
    """The items of a submenu."""
    predefined: str
    """One of the system's items, such as `"quit"`; alone it can be given as a text."""
    metadata: AboutMetadata
    """For `"predefined": "about"`."""
    checked: bool
    """Makes it an item with a check mark."""
    icon: "Image | NativeIcon"
    accelerator: str
    on_click: Callable[[Any], Any]
    """Called with the item."""


MenuDescription: TypeAlias = Iterable[str | ItemDescription | AnyItem]


def menu_of(
    manager: "App | AppHandle | WebviewWindow", items: MenuDescription, menu_id: str | None, /
) -> Menu:
    """The menu of a description.

    Raises:
        TypeError: It holds something that is no description.
        ValueError: A key, a value or an item of the system is not known; or a text or an
            accelerator is not valid. The error says which item it is.
    """
    made = _items(manager, items, "items", 1)
    if menu_id is None:
        return Menu.with_items(manager, made)
    return Menu.with_id_and_items(manager, menu_id, made)


def _items(manager: Any, items: MenuDescription, path: str, level: int) -> list[AnyItem]:
    if level > _DEEPEST:
        raise ValueError(f"{path}: menus can be nested {_DEEPEST} deep, not more")
    if isinstance(items, str | Mapping):
        raise TypeError(f"{path}: expected a list of items, got {items!r}")
    made: list[AnyItem] = []
    for number, item in enumerate(items):
        where = f"{path}[{number}]"
        try:
            made.append(_item(manager, item, where, level))
        except (TypeError, ValueError) as error:
            if str(error).startswith(path):
                raise
            raise type(error)(f"{where}: {error}") from error
    return made


def _item(manager: Any, item: object, path: str, level: int) -> AnyItem:
    if isinstance(item, AnyItem):
        return item
    if isinstance(item, str):
        return _predefined(manager, {"predefined": item})
    if not isinstance(item, Mapping):
        raise TypeError(f"an item is a dict, a text or an item of `transom.menu`, not {item!r}")
    given = dict(cast("Mapping[str, Any]", item))
    if unknown := given.keys() - ItemDescription.__annotations__.keys():
        raise ValueError(
            f"there is no {', '.join(sorted(map(repr, unknown)))}; "
            f"there are: {', '.join(ItemDescription.__annotations__)}"
        )
    if "predefined" in given:
        return _predefined(manager, given)
    if "text" not in given:
        raise ValueError("an item has a `text`, or is `predefined`")
    if "items" in given:
        return _submenu(manager, given, path, level)
    return _choice(manager, given)


def _only(given: Mapping[str, Any], kind: str, *names: str) -> None:
    if wrong := given.keys() - set(names):
        raise ValueError(f"{kind} has no {', '.join(sorted(map(repr, wrong)))}")


def _predefined(manager: Any, given: Mapping[str, Any]) -> PredefinedMenuItem:
    _only(given, "an item of the system", "predefined", "text", "metadata")
    name = given["predefined"]
    if name not in _PREDEFINED:
        raise ValueError(f"there is no item {name!r} of the system; there are: {_PREDEFINED}")
    if name == "separator":
        _only(given, "a separator", "predefined")
        return PredefinedMenuItem.separator(manager)
    if name == "about":
        return PredefinedMenuItem.about(manager, given.get("text"), given.get("metadata"))
    _only(given, f"{name!r}", "predefined", "text")
    return getattr(PredefinedMenuItem, name)(manager, given.get("text"))


def _submenu(manager: Any, given: Mapping[str, Any], path: str, level: int) -> Submenu:
    _only(given, "a submenu", "items", "text", "id", "enabled")
    items = _items(manager, given["items"], f"{path}.items", level + 1)
    text, enabled = given["text"], given.get("enabled", True)
    if "id" in given:
        return Submenu.with_id_and_items(manager, given["id"], text, enabled, items)
    return Submenu.with_items(manager, text, enabled, items)


def _choice(manager: Any, given: Mapping[str, Any]) -> AnyItem:
    if "checked" in given and "icon" in given:
        raise ValueError("an item has a check mark or an icon, not both")
    _only(given, "an item", "text", "id", "enabled", "checked", "icon", "accelerator", "on_click")
    values: list[Any] = [given["text"], given.get("enabled", True)]
    kind, native = MenuItem, False
    if "checked" in given:
        kind = CheckMenuItem
        values.append(given["checked"])
    elif "icon" in given:
        kind, native = IconMenuItem, isinstance(given["icon"], NativeIcon)
        values.append(given["icon"])
    values.append(given.get("accelerator"))
    make: Any = kind
    if "id" in given:
        values.insert(0, given["id"])
        make = IconMenuItem.with_id_and_native_icon if native else kind.with_id
    elif native:
        make = IconMenuItem.with_native_icon
    return make(manager, *values, on_click=given.get("on_click"))
