"""Tests tray icons in the kit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from anyio.lowlevel import checkpoint

from transom import AppHandle, Commands
from transom.image import Image
from transom.menu import Menu
from transom.testing import InvokeError, TestApp
from transom.tray import MouseButton, MouseButtonState, TrayIcon, TrayIconEvent

pytestmark = pytest.mark.anyio
ICON = Image(bytes(4), 1, 1)


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def commands(told: list[str]) -> Commands:
    commands = Commands()

    @commands.command()
    async def begin(app_handle: AppHandle) -> str:
        menu = Menu.from_description(
            app_handle,
            [{"text": "Open", "id": "open", "on_click": lambda it: told.append(it.id())}],
        )
        tray = TrayIcon.with_id(app_handle, "main", icon=ICON, menu=menu, tooltip="Notes")

        async def clicked(tray: TrayIcon, event: Any) -> None:
            await checkpoint()
            match event:
                case TrayIconEvent.Click(button=button, button_state=MouseButtonState.Up):
                    told.append(f"{tray.id()}: {button!r}")
                case _:
                    pass

        tray.on_tray_icon_event(clicked)
        return repr(tray)

    @commands.command()
    def listen(app_handle: AppHandle) -> None:
        app_handle.on_tray_icon_event(lambda _, event: told.append(type(event).__name__))

    @commands.command()
    def remove(app_handle: AppHandle) -> str:
        tray = app_handle.remove_tray_by_id("main")
        assert tray is not None
        assert app_handle.tray_by_id("main") is None
        with pytest.raises(RuntimeError, match="the tray icon `main` is removed"):
            tray.set_title("x")
        return tray.id()

    return commands


async def test_a_tray_icon_is_what_was_set_of_it(commands: Commands) -> None:
    async with TestApp(commands) as app:
        assert await app.window("main").invoke("begin") == '<TrayIcon "main">'
        tray = app.trays["main"]
        assert (tray.id, tray.tooltip, tray.title, tray.visible) == ("main", "Notes", None, True)
        assert tray.icon is ICON
        found = app.app_handle.tray_by_id("main")
        assert isinstance(found, TrayIcon)
        found.set_title("7")
        found.set_icon(None)
        assert (tray.title, tray.icon) == ("7", None)


async def test_its_handlers_are_told_of_the_mouse(commands: Commands, told: list[str]) -> None:
    async with TestApp(commands) as app:
        main = app.window("main")
        await main.invoke("begin")
        tray = app.trays["main"]
        await tray.click()
        await tray.click(MouseButton.Right)
        assert told == ["main: MouseButton.Left", "main: MouseButton.Right"]
        await main.invoke("listen")
        told.clear()
        await tray.double_click()
        await tray.hover()
        assert told == ["DoubleClick", "Enter", "Move", "Leave"]


async def test_its_menu_is_clicked(commands: Commands, told: list[str]) -> None:
    async with TestApp(commands) as app:
        await app.window("main").invoke("begin")
        await app.trays["main"].click_menu("open")
        assert told == ["open"]
        with pytest.raises(LookupError, match="the menu of the tray icon `main`"):
            await app.trays["main"].click_menu("close")


async def test_one_that_is_removed_or_hidden_cannot_be_clicked(
    commands: Commands, told: list[str]
) -> None:
    async with TestApp(commands) as app:
        main = app.window("main")
        await main.invoke("begin")
        tray = app.trays["main"]
        app.app_handle.tray_by_id("main").set_visible(False)
        with pytest.raises(RuntimeError, match="the tray icon `main` is hidden"):
            await tray.click()
        assert await main.invoke("remove") == "main"
        assert app.trays == {}
        assert tray.removed
        with pytest.raises(RuntimeError, match="the tray icon `main` is removed"):
            await tray.click()
        await main.invoke("begin")
        await app.trays["main"].click()
        assert told == ["main: MouseButton.Left"], "the handlers of the old one are gone"


async def test_a_bounded_window_makes_none(commands: Commands) -> None:
    async with TestApp(commands) as app:
        with pytest.raises(InvokeError, match="window"):
            await app.window("viewer", allow=[{"command": "*"}]).invoke("begin")
        assert app.trays == {}


async def test_the_tray_icon_of_the_configuration_is_there(
    commands: Commands, told: list[str], tmp_path: Path
) -> None:
    icon = Path(__file__).parents[3] / "tests" / "e2e" / "apps" / "trays" / "icon.png"
    (tmp_path / "tray.png").write_bytes(icon.read_bytes())
    tray = {"iconPath": "tray.png", "tooltip": "Words", "showMenuOnLeftClick": False}
    config = {"identifier": "com.example.words", "app": {"windows": [], "trayIcon": tray}}
    (tmp_path / "tauri.conf.json").write_text(json.dumps(config))

    @commands.command()
    def change(app_handle: AppHandle) -> str:
        tray = app_handle.tray_by_id("main")
        assert tray is not None
        tray.set_tooltip("More words")
        tray.on_tray_icon_event(lambda tray, _: told.append(tray.id()))
        return tray.id()

    async with TestApp(commands, capabilities=tmp_path) as app:
        shown = app.trays["main"]
        assert isinstance(shown.icon, Image)
        assert (shown.tooltip, shown.title, shown.menu) == ("Words", None, None)
        main = app.window("main", allow=[{"command": "*"}, {"window": "*"}])
        assert await main.invoke("change") == "main"
        assert shown.tooltip == "More words"
        await shown.click()
        assert told == ["main", "main"]
