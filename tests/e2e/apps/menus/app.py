"""An app with menus, context menus and their handlers, which its page orders about."""

import asyncio
import gc
import sys
import threading
from pathlib import Path
from typing import Any

from mistakes import raised, wrong

from transom import AppHandle, Commands, Manager, Position, WebviewUrl, run
from transom._native import menu_handlers
from transom.image import Image
from transom.menu import (
    AboutMetadata,
    CheckMenuItem,
    ContextMenu,
    IconMenuItem,
    Menu,
    MenuItem,
    NativeIcon,
    PredefinedMenuItem,
    Submenu,
)
from transom.webview import WebviewWindow, WebviewWindowBuilder

commands = Commands()
told: list[str] = []
kept: dict[str, Any] = {}
ICON = Image(bytes([255, 0, 0, 255]) * 256, 16, 16)


def tell(text: str) -> None:
    told.append(text)


async def saved(item: MenuItem) -> None:
    await asyncio.sleep(0)
    tell(f"save clicked: {item.text()}")


def wrapped(item: CheckMenuItem) -> None:
    tell(f"wrap is {item.is_checked()}")


awake = threading.Event()


def slept(_: MenuItem) -> None:
    tell("sleeps")
    awake.wait(600)
    tell("slept")


@commands.command()
async def wake() -> None:
    awake.set()


def failed(_: MenuItem) -> None:
    raise ZeroDivisionError("of a menu")


def main_menu(app: AppHandle) -> Menu:
    return Menu.from_description(
        app,
        [
            {
                "text": "&File",
                "id": "file",
                "items": [
                    {"text": "Save", "id": "save", "accelerator": "CmdOrCtrl+S", "on_click": saved},
                    {"text": "Wrap", "id": "wrap", "checked": False, "on_click": wrapped},
                    {"text": "Red", "id": "red", "icon": ICON, "accelerator": "F6"},
                    "separator",
                    {"text": "Sleep", "id": "sleep", "accelerator": "F7", "on_click": slept},
                    {"text": "Fail", "id": "fail", "accelerator": "F8", "on_click": failed},
                    {"predefined": "about", "metadata": AboutMetadata(name="Menus", icon=ICON)},
                ],
            },
            {"text": "&Edit", "items": ["copy", "paste", {"text": "Off", "enabled": False}]},
        ],
        id="main-menu",
    )


@commands.command()
async def setup(app_handle: AppHandle) -> None:
    app = app_handle.app
    kept["app"] = app.on_menu_event(lambda _, item: tell(f"app: {item}"))

    async def later(handle: AppHandle, item: str) -> None:
        assert handle is app
        tell(f"async: {item}")

    kept["async"] = app.on_menu_event(later)
    kept["menu"] = main_menu(app)
    kept["menu"].set_as_app_menu()


@commands.command()
async def take_told() -> list[str]:
    before = told[:]
    told.clear()
    return before


@commands.command()
async def remove(body: str) -> None:
    kept[body].remove()
    kept[body].remove()


@commands.command()
async def handlers() -> int:
    gc.collect()
    return menu_handlers()


@commands.command()
async def popup(webview_window: WebviewWindow) -> bool:
    """Shows a context menu that nobody keeps."""
    menu = Menu.with_items(
        webview_window,
        [
            MenuItem(webview_window, "First", on_click=lambda item: tell(f"chose {item.text()}")),
            MenuItem(webview_window, "Second", on_click=lambda item: tell(f"chose {item.text()}")),
        ],
    )
    ContextMenu.popup_at(menu, webview_window, Position.Logical((100, 100)))
    return True


@commands.command()
async def tick(body: str) -> None:
    kept["menu"].get("file").get("red").set_text(body)


@commands.command()
async def shown(webview_window: WebviewWindow) -> list[bool]:
    seen = [webview_window.is_menu_visible()]
    webview_window.hide_menu()
    seen.append(webview_window.is_menu_visible())
    webview_window.show_menu()
    seen.append(webview_window.is_menu_visible())
    return seen


@commands.command()
async def which(app_handle: AppHandle, webview_window: WebviewWindow) -> list[bool]:
    menu = kept["menu"]
    return [app_handle.menu() is menu, webview_window.menu() is menu]


@commands.command(executor="thread")
def windows(app_handle: AppHandle) -> list[object]:
    """Opens and closes windows with the app's menu and with their own; says what each showed."""
    seen: list[object] = []
    for number in range(8):
        own = Menu.from_description(app_handle, [{"text": "Own", "items": ["copy"]}])
        args: Any = {"menu": own} if number % 2 else {}
        window = WebviewWindowBuilder.build(
            app_handle, f"w{number}", WebviewUrl.App("index.html"), **args
        )
        is_own = (window.menu() is own, window.menu() is kept["menu"])
        sub = window.on_menu_event(lambda w, item: tell(f"{w.label()}: {item}"))
        seen.append((window.is_menu_visible(), *is_own))
        if number == 3:
            sub.remove()
        window.close()
        window.blocking_closed(timeout=60)
    return seen


@commands.command(executor="thread")
def churn(app_handle: AppHandle, body: int) -> int:
    """Makes and drops menus whose handlers know their items; returns the handlers left."""
    window = Manager.get_webview_window(app_handle, "main")
    assert window is not None
    before = menu_handlers()
    for number in range(body):
        menu = Menu(app_handle)
        item = MenuItem(app_handle, f"Item {number}")
        item.set_on_click(lambda _, item=item, menu=menu: menu.remove(item))
        menu.append(Submenu.with_items(app_handle, "Sub", True, [item]))
        menu.append(
            CheckMenuItem(app_handle, "Check", True, True, on_click=lambda _, menu=menu: None)
        )
        if number % 100 == 0:
            window.set_menu(menu)
            window.remove_menu()
        del menu, item
    gc.collect()
    return menu_handlers() - before


@commands.command(executor="thread")
def mistakes(app_handle: AppHandle, webview_window: WebviewWindow) -> dict[str, str]:
    closed = WebviewWindowBuilder.build(app_handle, "closed", WebviewUrl.App("index.html"))
    closed.close()
    closed.blocking_closed(timeout=60)
    return {name: raised(act) for name, act in wrong(app_handle, webview_window, closed)}


@commands.command()
async def kinds(app_handle: AppHandle) -> list[object]:
    """Uses every method once."""
    app = app_handle
    a, b = (
        MenuItem.with_id(app, "a", "A", False),
        CheckMenuItem.with_id(app, "b", "B&C", True, True),
    )
    c = IconMenuItem.with_id(app, "c", "C", True, ICON, "F9")
    d = IconMenuItem.with_native_icon(app, "D", True, NativeIcon.Add)
    e = PredefinedMenuItem.separator(app)
    menu = Menu.with_id_and_items(app, "m", [a, e])
    menu.prepend(b)
    menu.prepend_items([c, d])
    order = [menu.items() == [c, d, b, a, e]]
    sub = Submenu.with_id_and_items(app, "s", "Sub", True, [MenuItem(app, "E")])
    menu.insert(sub, 1)
    menu.insert_items([PredefinedMenuItem.quit(app, "Bye")], 2)
    order += [menu.items()[1] is sub, menu.get("s") is sub, menu.get("x") is None]
    menu.remove(sub)
    order += [menu.remove_at(0) is c, menu.remove_at(9) is None, menu.get("c") is None]
    a.set_text("Å")
    a.set_enabled(True)
    b.set_checked(False)
    c.set_icon(None)
    d.set_native_icon(NativeIcon.Remove)
    b.set_accelerator("Alt+B")
    b.set_accelerator(None)
    sub.set_text("Sub 2")
    sub.set_enabled(False)
    default = Menu.default(app)
    return [
        *order,
        a.text() == "Å" and a.is_enabled() and a.id() == "a",
        b.text() == "B&C" and not b.is_checked(),
        sub.text() == "Sub 2" and not sub.is_enabled(),
        menu.id() == "m" and menu.app_handle() is app_handle,
        len(default.items()) > 1 and isinstance(default.items()[0], Submenu),
        repr(a) == '<MenuItem "a">',
    ]


if __name__ == "__main__":
    sys.exit(run(commands, Path(__file__).parent))
