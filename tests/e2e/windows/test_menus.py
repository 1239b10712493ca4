"""Tests menus in real windows: what is chosen by mouse and key, who is told, what is refused."""

from __future__ import annotations

import pytest
from harness import App, RunApp, StartApp
from xdotool import Window, key, open_menu

from transom.testing.webdriver import wait_for

FILE = (20, 12)
"""Where the first menu of the menu bar is."""


@pytest.fixture(scope="module")
def app(start_shared: StartApp) -> App:
    app = start_shared("menus")
    app.page().invoke("setup")
    return app


def told(app: App, *wanted: str) -> None:
    """Waits until exactly these calls have come, in any order."""
    seen: list[str] = []

    def all_told() -> bool:
        seen.extend(app.page().invoke("take_told"))
        return sorted(seen) == sorted(wanted) or len(seen) > len(wanted)

    try:
        wait_for(all_told, what=f"the calls {wanted}")
    except TimeoutError as error:
        raise AssertionError(f"{error}: {seen}") from None
    assert sorted(seen) == sorted(wanted)


def test_an_item_that_is_clicked_tells_its_own_handler_and_those_of_the_app(app: App) -> None:
    open_menu(Window("main"), *FILE)
    key("Down", "Return")
    told(app, "save clicked: Save", "app: save", "async: save")


def test_an_accelerator_chooses_its_item(app: App) -> None:
    Window("main").key("ctrl+s")
    told(app, "save clicked: Save", "app: save", "async: save")


def test_a_check_item_knows_its_mark(app: App) -> None:
    for mark in (True, False):
        open_menu(Window("main"), *FILE)
        key("Down", "Down", "Return")
        told(app, f"wrap is {mark}", "app: wrap", "async: wrap")


def test_a_handler_that_raises_or_sleeps_stops_nothing(app: App) -> None:
    window = Window("main")
    window.key("F8")
    told(app, "app: fail", "async: fail")
    assert "ZeroDivisionError: of a menu" in app.wait_output("a callback failed")
    window.key("F7")
    told(app, "sleeps", "async: sleep")
    # The page and async handlers do not wait for the one that sleeps.
    app.page().invoke("tick", "Blue")
    window.key("F6")
    told(app, "async: red")
    app.page().invoke("wake")
    told(app, "slept", "app: sleep", "app: red")


def test_a_handler_that_is_removed_is_told_no_more(app: App) -> None:
    before = app.page().invoke("handlers")
    app.page().invoke("remove", "async")
    assert app.page().invoke("handlers") == before - 1
    Window("main").key("F6")
    told(app, "app: red")


def test_a_context_menu_that_nobody_keeps_tells_what_is_chosen(app: App) -> None:
    _popup(app)
    wait_for(lambda: _chosen(app), what="the choice")
    _popup(app)
    wait_for(lambda: _closed(app), what="the end of the menu")


def _popup(app: App) -> None:
    assert app.page().invoke("popup") is True
    # The UI thread answers, so it has shown the menu.
    app.page().invoke("tick", "Green")


def _chosen(app: App) -> bool:
    key("Down", "Down", "Return")
    told = app.page().invoke("take_told")
    if "chose First" in told:  # the menu had the keyboard for some of the keys only
        _popup(app)
    return "chose Second" in told


def _closed(app: App) -> bool:
    key("Escape")
    return app.page().invoke("tick", "Green") is None


def test_the_menu_can_be_hidden_and_is_the_object_that_was_set(app: App) -> None:
    assert app.page().invoke("shown") == [True, False, True]
    assert app.page().invoke("which") == [True, True]


def test_windows_show_the_menu_of_the_app_or_their_own_and_leave_no_handler(app: App) -> None:
    before = app.page().invoke("handlers")
    seen = app.page().invoke("windows")
    assert seen == [[True, number % 2 == 1, number % 2 == 0] for number in range(8)]
    assert app.page().invoke("handlers") == before


def test_menus_that_are_dropped_leave_no_handler(app: App) -> None:
    assert app.page().invoke("churn", 200) == 0


def test_every_method_does_what_it_says(app: App) -> None:
    seen = app.page().invoke("kinds")
    assert seen == [True] * len(seen)


MISTAKES = {
    "append-twice": "ValueError: an item with the id",
    "half": "ValueError: an item with the id",
    "itself": "ValueError: the submenu",
    "circle": "ValueError: the submenu",
    "deep": "ValueError: menus can be nested 16 deep",
    "menu-in-menu": "TypeError: an item of a menu is a MenuItem",
    "no-item": "TypeError: an item of a menu is a MenuItem",
    "not-there": "ValueError: the item is not in this menu",
    "behind": "IndexError: position 7 is behind the end",
    "negative": "ValueError: -1 is not a position",
    "negative-take": "ValueError: -1 is not a position",
    "nul-text": "ValueError: 'a\\x00b' is not a text",
    "nul-set": "ValueError: 'a\\x00b' is not a text",
    "nul-id": "ValueError: 'a\\x00b' is not a text",
    "nul-about": "ValueError: 'a\\x00b' is not a text",
    "key": 'ValueError: "Ctrl+Blub" is not an accelerator',
    "no-key": 'ValueError: "" is not an accelerator',
    "order": 'ValueError: "A+Ctrl" is not an accelerator such as "CmdOrCtrl+Shift+S": before its',
    "gtk-key": 'ValueError: no menu of this system has the key of "VolumeUp"',
    "number": "TypeError",
    "manager": "TypeError: expected an App, an AppHandle, a WebviewWindow",
    "icon": "TypeError: expected a `transom.image.Image`, got bytes",
    "click": "TypeError: `on_click` must be a function",
    "click-arguments": "ValueError: `on_click` is called as",
    "handler": "TypeError: a callback must be callable",
    "description-key": "ValueError: items[0].items[0]: there is no 'colour'",
    "description-text": "ValueError: items[0]: an item has a `text`",
    "description-name": "ValueError: items[0]: there is no item 'no such item'",
    "description-kind": "TypeError: items[0]: an item is a dict",
    "description-both": "ValueError: items[0]: an item has a check mark or an icon",
    "description-str": "TypeError: items: expected a list of items",
    "popup-kind": "TypeError: expected a Menu or a Submenu, got MenuItem; `Menu.from_desc",
    "popup-window": "TypeError: expected a WebviewWindow or a Window",
    "set-kind": "TypeError",
    "popup-empty": "ValueError: the menu is empty",
    "key-long": "ValueError: a text of 500000 bytes is not an accelerator",
    "surrogate": "UnicodeEncodeError",
    "same-id": "ValueError: an item with the id `i` is in this menu already",
    "endless": "ValueError: items[0].items[0].items[0]",
    "icon-file": "FileNotFoundError",
    "icon-format": "ValueError",
    "icon-length": "ValueError: `rgba` has 3 bytes",
    "icon-side": "ValueError: 0 is not a side of an image",
    "icon-window": "TypeError: expected a `transom.image.Image`, got str; `Image.from_path`",
    "monitor": "ValueError: nan is not a finite number",
    "closed-set": "WindowClosed",
    "closed-popup": "WindowClosed",
    "closed-handler": "WindowClosed",
    "closed-hide": "WindowClosed",
    "fork-new": "RuntimeError: ForkedError",
    "fork-use": "RuntimeError: ForkedError",
    "fork-handler": "RuntimeError: ForkedError",
}


def test_what_a_user_gets_wrong_is_an_error_that_says_so(app: App) -> None:
    seen = app.page().invoke("mistakes")
    assert seen.keys() == MISTAKES.keys()
    assert {name: text for name, text in seen.items() if not text.startswith(MISTAKES[name])} == {}
    assert "panicked" not in app.output()


def test_the_page_has_menus_and_images_too(app: App) -> None:
    made = app.page().run(
        """
        const {menu, image} = window.__TAURI__;
        const icon = await image.Image.new([0, 255, 0, 255], 1, 1);
        const item = await menu.IconMenuItem.new({id: "green", text: "Green", icon});
        const own = await menu.Menu.new({items: [item, {id: "x", text: "X"}]});
        await item.setText("Greener");
        return [await item.text(), (await own.items()).length, await icon.size()];
        """
    )
    assert made == ["Greener", 2, {"width": 1, "height": 1}]


ENDED = """
import threading
from pathlib import Path

from transom import AppHandle, Commands, run
from transom.image import Image
from transom.menu import ContextMenu, Menu, MenuItem
from transom.tray import TrayIcon
from transom.webview import WebviewWindow

commands = Commands()
kept = {}


@commands.command(executor="thread")
def leave(app_handle: AppHandle, webview_window: WebviewWindow) -> None:
    app = app_handle.app
    item = MenuItem(app, "A")
    menu = Menu.with_items(app, [item])
    kept.update(app=app, item=item, menu=menu, window=webview_window)
    app.exit(0)


run(commands, Path(__file__).parent)
app, item, menu, window = kept.values()
acts = {
    "new item": lambda: MenuItem(app, "B"),
    "text": item.text,
    "set_text": lambda: item.set_text("C"),
    "append": lambda: menu.append_items([]),
    "set_menu": lambda: window.set_menu(menu),
    "popup": lambda: ContextMenu.popup(menu, window),
    "app menu": menu.set_as_app_menu,
    "tray": lambda: TrayIcon(app),
    "tray_by_id": lambda: app.tray_by_id("x"),
    "remove tray": lambda: app.remove_tray_by_id("x"),
}


def use(thread: str) -> None:
    for name, act in acts.items():
        try:
            act()
            print(f"{thread}: {name}: no error")
        except Exception as error:
            print(f"{thread}: {name}: {type(error).__name__}: {error}")


other = threading.Thread(target=use, args=("other",))
other.start()
other.join()
use("main")
print("id", item.id(), Image(bytes(4), 1, 1).width)
"""


def test_after_the_end_of_the_app_a_use_is_an_error_and_no_crash(run_app: RunApp) -> None:
    page = "<script type=module>window.__TAURI__.transom.pyInvoke('leave')</script>"
    ended = run_app(ENDED, html=page)
    assert ended.code == 0, ended.output
    lines = ended.output.splitlines()
    told = [line for line in lines if line.startswith("other: ")]
    gone = ("RuntimeError: the app has ended", "WindowClosed")
    assert [it for it in told if it.split(": ", 2)[2].startswith(gone)] == told
    # The thread of the windows itself has all that it needs.
    assert len(told) == len([line for line in lines if line.startswith("main: ")]) == 10


LEAVING = """
import sys
from pathlib import Path

from transom import AppHandle, Commands, Position, run
from transom.menu import ContextMenu, Menu
from transom.webview import WebviewWindow

commands = Commands()


@commands.command(executor="thread")
def leave(app_handle: AppHandle, webview_window: WebviewWindow) -> None:
    menu = Menu.from_description(app_handle, [{"text": "A"}])
    ContextMenu.popup_at(menu, webview_window, Position.Logical((50, 50)))
    menu.append_items([])  # the UI thread answers while the menu is open
    app_handle.exit(3)


code = run(commands, Path(__file__).parent)
print("left with", code)
sys.exit(code)
"""


def test_an_open_context_menu_does_not_keep_the_app(run_app: RunApp) -> None:
    page = "<script type=module>window.__TAURI__.transom.pyInvoke('leave')</script>"
    ended = run_app(LEAVING, html=page)
    assert ended.code == 3
    assert "left with 3" in ended.output
