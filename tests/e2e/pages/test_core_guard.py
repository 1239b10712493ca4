"""Tests that a page cannot end the app, nor stop it, by what it asks of Tauri's own plugins."""

from __future__ import annotations

import pytest
from harness import App, Page, PageError, StartApp
from xdotool import Window

from transom.testing.webdriver import wait_for

CAPABILITY = {
    "identifier": "main",
    "windows": ["main"],
    "permissions": [
        "core:default",
        "core:window:allow-set-icon",
        "core:window:allow-set-title",
        "core:window:allow-set-background-color",
        "core:webview:allow-create-webview-window",
        "transom:default",
        "clipboard-manager:allow-read-text",
        "clipboard-manager:allow-write-image",
        "clipboard-manager:allow-write-text",
    ],
}
SOURCE = """
import sys
from pathlib import Path
from transom import Commands, run
from transom.plugins import clipboard_manager

commands = Commands()


@commands.command()
async def alive() -> bool:
    return True


sys.exit(run(commands, Path(__file__).parent, plugins=[clipboard_manager.init()]))
"""
PRELUDE = """
const {core, image, menu, tray, webviewWindow, window: {getCurrentWindow}} = window.__TAURI__;
const {Image} = image;
const {IconMenuItem, Menu, MenuItem, Submenu} = menu;
const wrong = {rgba: [1, 2, 3, 4], width: 5, height: 6};
const item = await MenuItem.new({text: "item"});
const submenu = await Submenu.new({text: "submenu", items: [item]});
"""

WRONG = {
    "an image without its bytes": ("await Image.new([1, 2, 3, 4], 5, 6)", "4 bytes, not 120"),
    "an image without pixels": ("await Image.new([], 0, 0)", "must be 1 to"),
    "an image with too many": ("await Image.new([], 65536, 65536)", "must be 1 to"),
    "an icon of an item": ("await IconMenuItem.new({text: '', icon: wrong})", "not 120"),
    "an icon in a menu": (
        "await Menu.new({items: [{text: 'a', items: [{text: 'b', icon: wrong}]}]})",
        "not 120",
    ),
    "a text with a NUL": ("await MenuItem.new({text: 'a\\0b'})", "NUL"),
    "a new text with a NUL": ("await item.setText('a\\0b')", "NUL"),
    "an item that does nothing": (
        "await core.invoke('plugin:menu|new', {kind: 'Predefined', handler: new core.Channel()})",
        "needs `item`",
    ),
    "a place beyond the end": ("await submenu.insert(item, 9)", "has 1 items"),
    "a menu in itself": ("await submenu.append(submenu)", "in itself"),
    "a menu in its own": (
        """const inner = await Submenu.new({text: "inner"});
        await submenu.append(inner);
        await inner.append(submenu)""",
        "in itself",
    ),
    "an icon of a tray": ("await tray.TrayIcon.new({icon: wrong})", "not 120"),
    "a tooltip with a NUL": ("await tray.TrayIcon.new({tooltip: 'a\\0b'})", "NUL"),
    "an icon of a window": ("await getCurrentWindow().setIcon(wrong)", "not 120"),
    "a title with a NUL": ("await getCurrentWindow().setTitle('a\\0b')", "NUL"),
    "a label with a NUL": (
        "await core.invoke('plugin:webview|create_webview_window', {options: {label: 'a\\0b'}})",
        "NUL",
    ),
    "an image for the clipboard": (
        "await core.invoke('plugin:clipboard-manager|write_image', {image: wrong})",
        "not 120",
    ),
    "the icon of an item without one": (
        "await core.invoke('plugin:menu|set_icon', {rid: item.rid, kind: 'MenuItem', icon: null})",
        "MenuItem has no `set_icon`",
    ),
    "whether a separator is enabled": (
        """const {rid} = await menu.PredefinedMenuItem.new({item: "Separator"});
        await core.invoke('plugin:menu|is_enabled', {rid, kind: {Predefined: null}})""",
        "Predefined has no `is_enabled`",
    ),
    "a bar in a menu": ("await submenu.append(await Menu.new())", "no item"),
    "a bar in a menu by another name": (
        """const [{rid}, items] = [submenu, [[(await Menu.new()).rid, {Menu: null}]]];
        await core.invoke('plugin:menu|append', {rid, kind: {Submenu: null}, items})""",
        "no item",
    ),
    "a menu in itself by another name": (
        """const [{rid}, items] = [submenu, [[submenu.rid, {Submenu: null}]]];
        await core.invoke('plugin:menu|append', {rid, kind: {Submenu: null}, items})""",
        "in itself",
    ),
    "half a character for a colour": (
        "await getCurrentWindow().setBackgroundColor('éé')",
        "no colour",
    ),
    "half an address of a window": (
        """const options = {label: 'never', url: 'http://'};
        await core.invoke('plugin:webview|create_webview_window', {options})""",
        "neither a path",
    ),
    "a window that is too large": (
        """const options = {label: 'never', url: 'index.html', width: 1e9};
        await core.invoke('plugin:webview|create_webview_window', {options})""",
        "no window can have",
    ),
}


@pytest.fixture(scope="module")
def app(start_shared: StartApp) -> App:
    return start_shared(SOURCE, capabilities={"main": CAPABILITY})


@pytest.fixture
def page(app: App) -> Page:
    return app.page()


@pytest.mark.parametrize("what", WRONG)
def test_what_would_end_the_app_is_refused(page: Page, what: str) -> None:
    statements, text = WRONG[what]
    with pytest.raises(PageError, match=text):
        page.run(PRELUDE + statements)
    assert page.invoke("alive") is True


def test_the_clipboard_works_after_a_wrong_image(page: Page) -> None:
    """Upstream it is gone for all windows, until the app starts anew."""
    source = "return await __TAURI__.core.invoke(`plugin:clipboard-manager|${args[0]}`, args[1])"
    image = {"rgba": [0, 0, 0, 255], "width": 1, "height": 1}
    with pytest.raises(PageError, match="not 8"):
        page.run(source, "write_image", {"image": {**image, "width": 2}})
    assert page.run(source, "write_image", {"image": image}) is None
    assert page.run(source, "write_text", {"text": "a"}) is None
    assert page.run(source, "read_text", {}) == "a"


def test_menus_work_as_ever(page: Page) -> None:
    assert page.run(
        PRELUDE
        + """
        const icon = await Image.new(new Uint8Array(16 * 16 * 4), 16, 16);
        const bar = await Menu.new({id: "bar", items: [submenu, {text: "icon", icon}]});
        const none = await bar.setAsWindowMenu();
        await submenu.insert(await MenuItem.new({text: "first"}), 0);
        await submenu.append({item: "Separator"});
        const shown = await submenu.items();
        const other = await Menu.new();
        const before = await other.setAsWindowMenu();
        await getCurrentWindow().setTitle("titled");
        return [none, before.id, shown.length, await icon.size()];
        """
    ) == [None, "bar", 3, {"width": 16, "height": 16}]


def test_a_page_that_shows_a_menu_goes_on_with_its_menus(page: Page) -> None:
    """Upstream keeps them locked until the UI thread, which needs them, has shown the menu."""
    page.run(
        PRELUDE
        + """
        window.shown = 0;
        window.made = 0;
        for (let time = 0; time < 20; time += 1) {
          submenu.popup().then(() => window.shown += 1);
          Image.new([0, 0, 0, 0], 1, 1).then(() => window.made += 1);
        }
        """
    )
    page.wait_until("window.made === 20")
    window = Window("titled")

    def are_closed() -> bool:
        window.key("Escape")
        return page.run("return window.shown") == 20

    wait_for(are_closed, 60, "the end of the menus")
    assert page.invoke("alive") is True


def test_what_a_document_made_goes_with_it(app: App, page: Page) -> None:
    """Upstream keeps it until the window closes. A menu that is shown stays."""
    made = page.run(
        PRELUDE
        + """
        const picture = await Image.new(new Uint8Array(4), 1, 1);
        const bar = await Menu.new({id: "stays", items: [submenu]});
        await bar.setAsWindowMenu();
        return [
          ["menu|items", {rid: bar.rid, kind: "Menu"}],
          ["menu|items", {rid: submenu.rid, kind: "Submenu"}],
          ["menu|text", {rid: item.rid, kind: "MenuItem"}],
          ["image|size", {rid: picture.rid}],
        ];
        """
    )
    page.reload()
    for command, arguments in made:
        with pytest.raises(PageError, match="resource id"):
            page.run(
                "return await __TAURI__.core.invoke(`plugin:${args[0]}`, args[1])",
                command,
                arguments,
            )
    before = page.run(PRELUDE + "return (await (await Menu.new()).setAsWindowMenu()).id")
    assert before == "stays"
    assert page.invoke("alive") is True
