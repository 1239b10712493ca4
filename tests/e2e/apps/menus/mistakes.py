"""What a user can get wrong with menus, each of which is an error."""
# pyright: reportArgumentType=false

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


def wrong(app: AppHandle, window: WebviewWindow) -> list[Any]:
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
    ]
