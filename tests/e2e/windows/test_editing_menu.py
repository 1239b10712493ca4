"""Tests the menu items by which a page copies, pastes, undoes and so on, by clicks and by keys."""

from __future__ import annotations

from typing import Any

import pytest
from harness import App, StartApp
from xdotool import Window, key, open_menu

from transom.testing.webdriver import wait_for

SOURCE = '''
import sys
from pathlib import Path

import transom
from transom import AppHandle, Commands, Manager, RunEvent
from transom.menu import Menu, PredefinedMenuItem

commands = Commands()
told: list[str] = []


@commands.command()
async def take_told() -> list[str]:
    return told


@commands.command()
async def describe(app_handle: AppHandle) -> list[str]:
    """The items of the default menu, as they are found again."""
    edit = next(it for it in Menu.default(app_handle).items() if it.text() == "Edit")
    return [f"{type(it).__name__} {it.text()}" for it in edit.items()]


@commands.command()
async def popup(app_handle: AppHandle) -> None:
    items = [PredefinedMenuItem.copy(app_handle, "Copy it"), PredefinedMenuItem.paste(app_handle)]
    Manager.get_webview_window(app_handle, "main").popup_menu(Menu.with_items(app_handle, items))


def tell(app: AppHandle, item: str) -> None:
    told.append(f"handler: {item}")


def set_up(app: AppHandle) -> None:
    app.on_menu_event(tell)
    items = ["copy", "cut", "paste", "select_all", "undo", "redo"]
    own = {"text": "Own", "id": "own", "accelerator": "CmdOrCtrl+K"}
    Menu.from_description(app, [{"text": "Edit", "items": [*items, own]}]).set_as_app_menu()


def watch(app: AppHandle, event: object) -> None:
    if isinstance(event, RunEvent.MenuEvent):
        told.append("run")


if __name__ == "__main__":
    sys.exit(transom.run(commands, Path(__file__).parent, setup=set_up, callback=watch))
'''
HTML = """<!doctype html><meta charset=utf-8><title>main</title>
<textarea id=text rows=8 cols=40>hello world</textarea>
<script>
window.keys = []; window.takes = new Set(); window.clips = [];
addEventListener("keydown", (event) => {
  if (!event.ctrlKey || event.key === "Control") return;
  keys.push(event.key);
  if (takes.has(event.key)) event.preventDefault();
});
for (const name of ["copy", "cut", "paste"]) addEventListener(name, () => clips.push(name));
</script>"""
EDIT = (20, 12)
ITEMS = ("copy", "cut", "paste", "select_all", "undo", "redo", "own")


@pytest.fixture(scope="module")
def app(start_shared: StartApp) -> App:
    app = start_shared(SOURCE, html=HTML)
    app.page().wait_until("window.clips && document.hasFocus !== undefined")
    return app


def choose(item: str) -> None:
    open_menu(Window("main"), *EDIT)
    key(*["Down"] * (ITEMS.index(item) + 1), "Return")


def text(app: App) -> Any:
    return app.page().run("return text.value")


def select(app: App, begin: int, end: int) -> None:
    app.page().run(f"text.focus(); text.setSelectionRange({begin}, {end})")


def becomes(app: App, value: str) -> None:
    wait_for(lambda: text(app) == value, what=f"the text {value!r}")


def test_items_copy_cut_paste_select_undo_and_redo(app: App) -> None:
    select(app, 0, 5)
    choose("copy")
    app.page().wait_until("clips.includes('copy')")
    select(app, 11, 11)
    choose("paste")
    becomes(app, "hello worldhello")
    choose("undo")
    becomes(app, "hello world")
    choose("redo")
    becomes(app, "hello worldhello")
    choose("select_all")
    app.page().wait_until("text.selectionStart === 0 && text.selectionEnd === 16")
    choose("cut")
    becomes(app, "")
    choose("paste")
    becomes(app, "hello worldhello")


def test_their_keys_go_to_the_page_first(app: App) -> None:
    app.page().run("window.keys = []; takes.add('z'); takes.add('a')")
    select(app, 3, 3)
    before = text(app)
    window = Window("main")
    window.key("ctrl+z", "ctrl+a")
    app.page().wait_until("keys.join() === 'z,a'")
    assert text(app) == before, "the page had a use of its own for it"
    assert app.page().run("return [text.selectionStart, text.selectionEnd]") == [3, 3]
    app.page().run("takes.clear(); window.keys = []")
    window.key("ctrl+a", "ctrl+x")
    becomes(app, "")
    window.key("ctrl+v")
    becomes(app, before)
    window.key("ctrl+z")
    becomes(app, "")
    # WebKit has another key for it, so this one goes on to the menu.
    window.key("ctrl+y")
    becomes(app, before)
    assert app.page().run("return keys") == ["a", "x", "v", "z", "y"]


def test_nobody_is_told_but_of_other_items(app: App) -> None:
    choose("own")
    wait_for(lambda: len(app.page().invoke("take_told")) > 1, what="the item of the app")
    assert sorted(app.page().invoke("take_told")) == ["handler: own", "run"]


def test_a_context_menu_has_them_too(app: App) -> None:
    app.page().run("window.clips = []")
    select(app, 0, 5)
    Window("main").click(200, 60)
    select(app, 0, 5)
    app.page().invoke("popup")

    def copied() -> bool:
        select(app, 0, 5)
        key("Down", "Return")
        return "copy" in app.page().run("return clips")

    wait_for(copied, what="the copy")


def test_the_default_menu_has_them(app: App) -> None:
    assert app.page().invoke("describe") == [
        f"PredefinedMenuItem {it}"
        for it in ("Undo", "Redo", "", "Cu&t", "&Copy", "&Paste", "Select &All")
    ]
