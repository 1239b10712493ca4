"""What a user can get wrong with menus, each of which is an error."""
# pyright: reportArgumentType=false

import os
from collections.abc import Callable
from typing import Any

from transom import AppHandle
from transom.image import Image
from transom.menu import (
    AboutMetadata,
    ContextMenu,
    IconMenuItem,
    Menu,
    MenuItem,
    Submenu,
)
from transom.webview import WebviewWindow

ICON = Image(bytes(4), 1, 1)


def raised(act: Callable[[], object]) -> str:
    try:
        act()
    except Exception as error:  # noqa: BLE001
        return f"{type(error).__name__}: {error}"
    return "no error"


def in_a_fork(act: Callable[[], object]) -> None:
    """Raises what `act` raises in a forked child."""
    end, other = os.pipe()
    if (pid := os.fork()) == 0:
        os.write(other, raised(act).encode())
        os._exit(0)
    os.close(other)
    with os.fdopen(end) as answer:
        told = answer.read()
    os.waitpid(pid, 0)
    raise RuntimeError(told)


def wrong(app: AppHandle, window: WebviewWindow, closed: WebviewWindow) -> list[Any]:
    menu = Menu(app)
    item = MenuItem(app, "A", True)
    menu.append(item)
    outer, inner = Submenu(app, "outer"), Submenu(app, "inner")
    outer.append(inner)
    other = MenuItem(app, "B")

    def deep() -> None:
        top = Menu(app)
        above: Any = top
        for _ in range(20):
            below = Submenu(app, "x")
            above.append(below)
            above = below

    def endless() -> None:
        items = list[Any]()
        items.append({"text": "x", "items": items})
        Menu.from_description(app, items)

    def half() -> None:
        try:
            menu.append_items([other, item])
        finally:
            assert menu.items() == [item]

    def of(*description: Any) -> Any:
        return lambda: Menu.from_description(app, description)

    return [
        ("append-twice", lambda: menu.append(item)),
        ("half", half),
        ("itself", lambda: outer.append(outer)),
        ("circle", lambda: inner.append(outer)),
        ("deep", deep),
        ("menu-in-menu", lambda: menu.append(menu)),
        ("no-item", lambda: menu.append("text")),
        ("not-there", lambda: menu.remove(other)),
        ("behind", lambda: menu.insert(other, 7)),
        ("negative", lambda: menu.insert(other, -1)),
        ("negative-take", lambda: menu.remove_at(-1)),
        ("nul-text", lambda: MenuItem(app, "a\0b")),
        ("nul-set", lambda: item.set_text("a\0b")),
        ("nul-id", lambda: MenuItem.with_id(app, "a\0b", "x")),
        ("nul-about", lambda: AboutMetadata(name="a\0b")),
        ("key", lambda: MenuItem(app, "x", True, "Ctrl+Blub")),
        ("no-key", lambda: MenuItem(app, "x", True, "")),
        ("order", lambda: MenuItem(app, "x", True, "A+Ctrl")),
        ("gtk-key", lambda: item.set_accelerator("VolumeUp")),
        ("number", lambda: MenuItem(app, 5)),
        ("manager", lambda: MenuItem("app", "x")),
        ("icon", lambda: IconMenuItem(app, "x", True, b"rgba")),
        ("click", lambda: MenuItem(app, "x", on_click=5)),
        ("click-arguments", lambda: MenuItem(app, "x", on_click=lambda: None)),
        ("handler", lambda: app.on_menu_event("f")),
        ("description-key", of({"text": "x", "items": [{"text": "y", "colour": 1}]})),
        ("description-text", of({"id": "x"})),
        ("description-name", of("no such item")),
        ("description-kind", of(5)),
        ("description-both", of({"text": "x", "checked": True, "icon": ICON})),
        ("description-str", lambda: Menu.from_description(app, "quit")),
        ("popup-kind", lambda: ContextMenu.popup(item, window)),
        ("popup-window", lambda: ContextMenu.popup(menu, "main")),
        ("set-kind", lambda: window.set_menu(outer)),
        ("popup-empty", lambda: ContextMenu.popup(Menu(app), window)),
        ("key-long", lambda: MenuItem(app, "x", True, "Ctrl+" * 100_000)),
        ("surrogate", lambda: MenuItem(app, "\ud800")),
        ("same-id", lambda: menu.append_items([MenuItem.with_id(app, "i", "x") for _ in range(2)])),
        ("endless", endless),
        ("icon-file", lambda: Image.from_path("no such file.png")),
        ("icon-format", lambda: Image.from_path(__file__)),
        ("icon-length", lambda: Image(b"123", 1, 1)),
        ("icon-side", lambda: Image(b"", 0, 1)),
        ("icon-window", lambda: window.set_icon("icon.png")),
        ("monitor", lambda: window.monitor_from_point(float("nan"), 0)),
        ("closed-set", lambda: closed.set_menu(menu)),
        ("closed-popup", lambda: closed.popup_menu(menu)),
        ("closed-handler", lambda: closed.on_menu_event(lambda _window, _id: None)),
        ("closed-hide", closed.hide_menu),
        ("fork-new", lambda: in_a_fork(lambda: Menu(app))),
        ("fork-use", lambda: in_a_fork(item.text)),
        ("fork-handler", lambda: in_a_fork(lambda: app.on_menu_event(print))),
    ]
