"""Tests menus and context menus in the kit: what a user chooses, and who is told."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from anyio.lowlevel import checkpoint

from transom import AppHandle, Commands, Position, WebviewUrl
from transom.menu import (
    CheckMenuItem,
    ContextMenu,
    Menu,
    MenuItem,
    Submenu,
    Subscription,
)
from transom.testing import InvokeError, TestApp
from transom.webview import WebviewWindow, WebviewWindowBuilder

pytestmark = pytest.mark.anyio
told: list[str] = []


@pytest.fixture(autouse=True)
def fresh() -> None:
    told.clear()


async def saved(item: MenuItem) -> None:
    await checkpoint()
    told.append(f"saved: {item.text()}")


def wrapped(item: CheckMenuItem) -> None:
    told.append(f"wrap: {item.is_checked()}")


def failed(_: MenuItem) -> None:
    raise ZeroDivisionError("of a menu")


KEYS = {
    "CmdOrCtrl+S": "Ctrl+S",
    "Ctrl+Shift+KeyA": "shift+control+a",
    "Alt+1": "OPTION + Digit1",
    "CmdOrCtrl+,": "CommandOrControl+Comma",
    "F5": "f5",
    "Esc": "escape",
}
"""Accelerators, and the same keys written otherwise."""


FILE: Any = {
    "text": "&File",
    "id": "file",
    "items": [
        {"text": "&Save", "id": "save", "accelerator": "CmdOrCtrl+S", "on_click": saved},
        {"text": "Wrap", "checked": False, "on_click": wrapped},
        {"text": "Off", "id": "off", "enabled": False},
        {"text": "Fail", "id": "fail", "on_click": failed},
        "separator",
        "quit",
    ],
}


@pytest.fixture
def commands() -> Commands:
    commands = Commands()

    @commands.command()
    async def begin(app_handle: AppHandle) -> bool:
        menu = Menu.from_description(app_handle, [FILE])
        menu.set_as_app_menu()
        app_handle.on_menu_event(lambda app, item: told.append(f"{app is app_handle}: {item}"))
        return app_handle.menu() is menu

    @commands.command()
    def popup(webview_window: WebviewWindow) -> None:
        menu = Menu.with_items(
            webview_window,
            [MenuItem(webview_window, "Copy", on_click=lambda it: told.append(it.text()))],
        )
        ContextMenu.popup_at(menu, webview_window, Position.Logical((10, 20)))

    return commands


async def test_the_menu_of_the_app_is_clicked(commands: Commands) -> None:
    async with TestApp(commands) as app:
        main = app.window("main")
        assert (app.menu, main.menu) == (None, None)
        assert await main.invoke("begin") is True
        save: Any = app.menu.get("file").get("save")
        assert isinstance(save, MenuItem)
        assert (save.text(), getattr(save, "accelerator", None)) == ("&Save", "CmdOrCtrl+S")
        await app.click_menu("file/save")
        assert sorted(told) == ["True: save", "saved: &Save"]
        told.clear()
        await main.click_menu(["File", "Wrap"])
        await main.click_menu("file/Wrap")
        assert [it for it in told if "wrap" in it] == ["wrap: True", "wrap: False"]
        main.webview_window.menu.assert_not_called()
        main.app_handle.on_menu_event.assert_called_once()


async def test_what_a_user_could_not_choose_is_an_error(commands: Commands) -> None:
    async with TestApp(commands) as app:
        with pytest.raises(LookupError, match="the app has no menu"):
            await app.click_menu("file/save")
        await app.window("main").invoke("begin")
        with pytest.raises(LookupError, match=r"no item 'open' in .*'save' \('Save'\)"):
            await app.click_menu("file/open")
        with pytest.raises(ValueError, match='<MenuItem "off">, which is disabled'):
            await app.click_menu("file/off")
        with pytest.raises(ValueError, match="carried out by the system"):
            await app.click_menu("file/Quit")
        with pytest.raises(ValueError, match='<Submenu "file"> is a submenu'):
            await app.click_menu("file")
        with pytest.raises(LookupError, match="is no submenu"):
            await app.click_menu("file/save/more")


async def test_an_item_is_chosen_by_its_accelerator(commands: Commands) -> None:
    @commands.command()
    def keys(app_handle: AppHandle) -> None:
        items: Any = [{"text": it, "id": it, "accelerator": it} for it in KEYS]
        off = {"text": "off", "accelerator": "Ctrl+Q", "enabled": False}
        inner: Any = {"text": "inner", "items": [off, *items]}
        Menu.from_description(app_handle, [{"text": "plain"}, inner]).set_as_app_menu()
        app_handle.on_menu_event(lambda _, item: told.append(item))

    async with TestApp(commands) as app:
        main = app.window("main")
        with pytest.raises(LookupError, match="the window `main` has no menu"):
            await main.press("Ctrl+S")
        await main.invoke("keys")
        for pressed in KEYS.values():
            await main.press(pressed)
        assert told == list(KEYS)
        with pytest.raises(LookupError, match=r"has 'Ctrl\+Z'; there are: 'Ctrl\+Q', 'CmdOrCtrl"):
            await main.press("Ctrl+Z")
        with pytest.raises(ValueError, match="which is disabled"):
            await main.press("Ctrl+Q")
        with pytest.raises(ValueError, match='"Ctrl" is not an accelerator'):
            await main.press("Ctrl")


async def test_a_handler_that_fails_stops_nothing(
    commands: Commands, caplog: pytest.LogCaptureFixture
) -> None:
    async with TestApp(commands) as app:
        await app.window("main").invoke("begin")
        with caplog.at_level(logging.ERROR, "transom"):
            await app.click_menu("file/fail")
        assert told == ["True: fail"]
        assert "ZeroDivisionError: of a menu" in caplog.text


async def test_a_context_menu_is_chosen_from_once(commands: Commands) -> None:
    async with TestApp(commands) as app:
        main = app.window("main")
        with pytest.raises(LookupError, match="the window `main` shows no context menu"):
            await main.click_popup("Copy")
        await main.invoke("popup")
        ((menu, position),) = main.popups
        assert [it.text() for it in menu.items()] == ["Copy"]
        assert position is not None
        await main.click_popup("Copy")
        assert told == ["Copy"]
        with pytest.raises(LookupError, match="shows no context menu"):
            await main.click_popup("Copy")


async def test_a_hidden_window_shows_no_context_menu(commands: Commands) -> None:
    async with TestApp(commands) as app:
        main = app.window("main")
        main.webview_window.hide()
        with pytest.raises(InvokeError, match="`main` is hidden"):
            await main.invoke("popup")


async def test_windows_show_their_own_menu_or_that_of_the_app(commands: Commands) -> None:
    @commands.command("open")
    async def open_window(body: str, app_handle: AppHandle) -> None:
        own = Menu.with_items(app_handle, [MenuItem.with_id(app_handle, "own", "Own")])
        window = WebviewWindowBuilder.build(
            app_handle, body, WebviewUrl.App("index.html"), menu=own
        )
        assert window.menu() is own
        assert window.is_menu_visible()

    async with TestApp(commands) as app:
        main = app.window("main")
        await main.invoke("begin")
        await main.invoke("open", "other")
        other = app.windows["other"]
        assert main.menu is app.menu
        assert [it.id() for it in other.menu.items()] == ["own"]
        await other.click_menu("own")
        assert told == ["True: own"]
        other.webview_window.hide_menu()
        assert not other.webview_window.is_menu_visible()
        assert other.webview_window.remove_menu() is not None
        assert other.menu is None
        with pytest.raises(LookupError, match="the window `other` has no menu"):
            await other.click_menu("own")
        assert main.app_handle.remove_menu() is not None
        assert main.menu is None


async def test_handlers_can_be_removed_and_end_with_their_window(commands: Commands) -> None:
    subscriptions: list[Subscription] = []

    @commands.command()
    async def listen(webview_window: WebviewWindow, app_handle: AppHandle) -> None:
        label = webview_window.label()
        subscriptions.append(
            webview_window.on_menu_event(lambda w, item: told.append(f"{w.label()}: {item}"))
        )

        async def of_the_app(_: AppHandle, item: str) -> None:
            told.append(f"app of {label}: {item}")

        app_handle.on_menu_event(of_the_app)

    async with TestApp(commands) as app:
        one, two = app.window("one"), app.window("two")
        await one.invoke("begin")
        told.clear()
        await one.invoke("listen")
        await two.invoke("listen")
        app.menu.append(MenuItem.with_id(app.app_handle, "x", "X"))
        await app.click_menu("x")
        everyone = ["True: x", "app of one: x", "app of two: x", "one: x", "two: x"]
        assert sorted(told) == everyone
        told.clear()
        assert isinstance(subscriptions[0], Subscription)
        subscriptions[0].remove()
        subscriptions[0].remove()
        two.close()
        await app.click_menu("x")
        assert sorted(told) == ["True: x", "app of one: x"]


async def test_a_bounded_window_sets_no_menu_of_the_app(commands: Commands) -> None:
    async with TestApp(commands) as app:
        viewer = app.window("viewer", allow=[{"command": "*"}])
        with pytest.raises(InvokeError, match="window"):
            await viewer.invoke("begin")
        await viewer.invoke("popup")
        assert app.menu is None


async def test_items_are_made_in_a_test_too(commands: Commands) -> None:
    async with TestApp(commands) as app:
        handle: Any = app.app_handle
        submenu = Submenu.with_items(handle, "Sub", True, [MenuItem(handle, "A/B")])
        Menu.with_id_and_items(handle, "m", [submenu]).set_as_app_menu()
        await app.click_menu(["Sub", "A/B"])
        with pytest.raises(ValueError, match='"Ctrl\\+Blub" is not an accelerator'):
            MenuItem(handle, "x", True, "Ctrl+Blub")
