"""An app with tray icons, which its page orders about."""

import gc
import sys
from pathlib import Path
from typing import Any

from transom import AppHandle, Commands, run
from transom._native import menu_handlers, tray_handlers
from transom.image import Image
from transom.menu import Menu
from transom.tray import TrayIcon, has_host

commands = Commands()
told: list[str] = []
ICON = Image(bytes([0, 128, 255, 255]) * 1024, 32, 32)


def tell(text: str) -> None:
    told.append(text)


@commands.command()
async def setup(app_handle: AppHandle) -> str:
    menu = Menu.from_description(
        app_handle,
        [{"text": "Open", "id": "open", "on_click": lambda item: tell(f"clicked {item.id()}")}],
    )
    tray = TrayIcon.with_id(
        app_handle.app, "main", icon=ICON, menu=menu, tooltip="Trays", title="T"
    )
    return tray.id()


@commands.command()
async def take_told() -> list[str]:
    before = told[:]
    told.clear()
    return before


@commands.command()
async def host() -> bool:
    return has_host()


@commands.command()
async def use(app_handle: AppHandle) -> list[object]:
    """Uses every method once."""
    tray = app_handle.tray_by_id("main")
    assert tray is not None
    sub = tray.on_tray_icon_event(lambda _tray, event: tell(repr(event)))
    added = [tray_handlers()]
    sub.remove()
    sub.remove()
    added.append(tray_handlers())
    tray.on_tray_icon_event(lambda _tray, event: tell(repr(event)))
    app_handle.on_tray_icon_event(lambda _app, event: tell(repr(event))).remove()
    tray.on_menu_event(lambda _app, item: tell(f"menu {item}")).remove()
    tray.set_icon(None)
    tray.set_icon(ICON)
    tray.set_menu(None)
    tray.set_menu(Menu(app_handle))
    tray.set_tooltip(None)
    tray.set_title("Title")
    tray.set_title(None)
    tray.set_visible(False)
    tray.set_visible(True)
    tray.set_temp_dir_path(str(Path(__file__).parent / "icons"))
    tray.set_icon(ICON)
    tray.set_icon_as_template(True)
    tray.set_show_menu_on_left_click(False)
    return [*added, tray.rect(), repr(tray), tray.app_handle() is app_handle]


@commands.command()
async def remove(app_handle: AppHandle) -> list[str]:
    tray = app_handle.tray_by_id("main")
    assert tray is not None
    removed = app_handle.remove_tray_by_id("main")
    assert removed is not None
    outcomes = [removed.id()]
    for act in (lambda: tray.set_title("x"), removed.rect):
        try:
            act()
        except RuntimeError as error:
            outcomes.append(str(error))
    assert app_handle.tray_by_id("main") is None
    assert app_handle.remove_tray_by_id("main") is None
    return [*outcomes, str(tray_handlers())]


@commands.command()
async def mistakes(app_handle: AppHandle) -> dict[str, str]:
    app: Any = app_handle
    make: Any = TrayIcon.with_id
    make(app, "one")
    wrong: list[Any] = [
        ("twice", lambda: make(app, "one")),
        ("slash", lambda: make(app, "../x")),
        ("nul", lambda: make(app, "a\0b")),
        ("empty", lambda: make(app, "")),
        ("icon", lambda: make(app, "two", icon=b"rgba")),
        ("menu", lambda: make(app, "two", menu="menu")),
        ("title", lambda: make(app, "two", title="a\0b")),
        ("handler", lambda: app.on_tray_icon_event(None)),
        ("folder", lambda: _in_a_file(app)),
    ]
    found: dict[str, str] = {}
    for name, act in wrong:
        try:
            act()
        except Exception as error:  # noqa: BLE001
            found[name] = f"{type(error).__name__}: {error}"
        else:
            found[name] = "no error"
    app.remove_tray_by_id("one")
    return found


def _in_a_file(app: AppHandle) -> None:
    tray = app.tray_by_id("one")
    assert tray is not None
    tray.set_temp_dir_path(__file__)
    tray.set_icon(ICON)


def once(app_handle: AppHandle, number: int) -> None:
    menu = Menu.from_description(
        app_handle, [{"text": "x", "on_click": lambda item, n=number: tell(f"{item} {n}")}]
    )
    tray = TrayIcon.with_id(app_handle, f"t{number}", icon=ICON, menu=menu)
    tray.on_tray_icon_event(lambda tray, _event: tell(tray.id()))
    app_handle.remove_tray_by_id(tray.id())


@commands.command(executor="thread")
def churn(app_handle: AppHandle, body: int) -> list[int]:
    """Makes and removes tray icons; returns the handlers left."""
    before = (menu_handlers(), tray_handlers())
    for number in range(body):
        once(app_handle, number)
    gc.collect()
    return [menu_handlers() - before[0], tray_handlers() - before[1]]


@commands.command()
async def find(body: str, app_handle: AppHandle) -> bool:
    return app_handle.tray_by_id(body) is not None


@commands.command()
async def attempt(app_handle: AppHandle) -> str:
    try:
        TrayIcon(app_handle)
    except RuntimeError as error:
        return str(error)
    return "no error"


if __name__ == "__main__":
    sys.exit(run(commands, Path(__file__).parent))
