"""Tests what windows are like by what was set, as commands and tests see it."""

from __future__ import annotations

import dataclasses
import json
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import pytest

from transom import (
    AppHandle,
    Commands,
    Cookie,
    CursorIcon,
    Manager,
    Position,
    Size,
    Theme,
    WebviewUrl,
)
from transom.testing import TestApp, WindowState
from transom.webview import WebviewWindow, WebviewWindowBuilder
from transom.window import ProgressBarState, TitleBarStyle

pytestmark = pytest.mark.anyio
URL = WebviewUrl.App("editor.html")


async def test_the_windows_of_the_configuration_are_there(
    commands: Commands, tmp_path: Path
) -> None:
    windows = [
        {"label": "main", "title": "Main", "width": 640, "height": 480, "x": 5, "y": 6},
        {"label": "log", "visible": False, "focus": False, "theme": "Dark", "center": True},
        {"label": "later", "create": False},
    ]
    config = {"identifier": "com.example.test", "app": {"windows": windows}}
    (tmp_path / "tauri.conf.json").write_text(json.dumps(config))
    async with TestApp(commands, capabilities=tmp_path) as app:
        assert list(app.windows) == ["main", "log"]
        main, log = app.windows["main"].state, app.windows["log"].state
        assert (main.title, main.inner_size, main.position) == ("Main", (640, 480), (5, 6))
        assert (main.visible, main.focused) == (True, True)
        assert (log.visible, log.focused, log.theme) == (False, False, Theme.Dark)
        assert log.position == (560, 240)


async def test_what_is_set_is_seen_by_getters_and_by_the_test(commands: Commands) -> None:
    @commands.command("change")
    def change(webview_window: WebviewWindow) -> list[Any]:
        webview_window.set_title("Report")
        webview_window.set_size(Size.Logical((300.5, 200)))
        webview_window.set_position(Position.Physical((-5, 7)))
        webview_window.set_max_size(Size.Physical((250, 900)))
        webview_window.set_always_on_top(True)
        webview_window.set_zoom(2)
        webview_window.set_badge_count(3)
        webview_window.set_background_color((1, 2, 3, 4))
        webview_window.set_cursor_position(Position.Logical((5, 6)))
        webview_window.eval("document.body.remove()")
        webview_window.maximize()
        return [
            webview_window.title(),
            webview_window.inner_size(),
            webview_window.outer_position(),
            webview_window.is_always_on_top(),
            webview_window.is_maximized(),
            webview_window.cursor_position(),
            [monitor.size for monitor in webview_window.available_monitors()],
            webview_window.monitor_from_point(-1, 0) is None,
        ]

    async with TestApp(commands) as app:
        main = app.window("main")
        seen = await main.invoke("change")
        assert seen[:4] == ["Report", [250, 200], [-5, 7], True]
        assert seen[4:] == [True, [0.0, 13.0], [[1920, 1080]], True]
        state = main.state
        assert (state.title, state.zoom, state.badge_count) == ("Report", 2.0, 3)
        assert state.background_color == (1, 2, 3, 4)
        assert main.scripts == ["document.body.remove()"]
        main.webview_window.set_title.assert_called_once_with("Report")


async def test_a_double_records_for_all_and_what_a_test_says_of_it_wins(
    commands: Commands,
) -> None:
    @commands.command()
    async def visible(app_handle: AppHandle) -> bool:
        window = Manager.get_webview_window(app_handle, "main")
        assert window is not None
        window.set_title("Report")
        return window.is_visible()

    async with TestApp(commands) as app:
        main, other = app.window("main"), app.window("other")
        main.webview_window.is_visible.return_value = False
        assert await main.invoke("visible") is await other.invoke("visible") is False
        assert main.state.visible is True
        assert main.webview_window.set_title.call_count == 2


async def test_one_window_at_a_time_has_the_focus(commands: Commands) -> None:
    @commands.command()
    async def show(body: str, app_handle: AppHandle) -> None:
        WebviewWindowBuilder.get_or_build(app_handle, body, URL)

    @commands.command()
    async def hide(webview_window: WebviewWindow) -> None:
        webview_window.hide()
        webview_window.set_focus()

    async with TestApp(commands) as app:
        main = app.window("main")

        def focused() -> list[str]:
            return [label for label, window in app.windows.items() if window.state.focused]

        assert focused() == ["main"]
        await main.invoke("show", "settings")
        assert focused() == ["settings"]
        await main.focus()
        assert focused() == ["main"]
        await main.invoke("show", "settings")
        assert focused() == ["settings"]
        await main.invoke("hide")
        assert focused() == ["settings"], "a hidden window takes no focus"
        app.windows["settings"].close()
        assert focused() == []


async def test_every_setter_sets_what_a_test_sees(commands: Commands) -> None:
    values: list[Any] = [True, 1.5, "x", None, (1, 2, 3, 4), CursorIcon.Hand, TitleBarStyle.Visible]
    values += [Position.Physical((1, 1)), Size.Physical((99, 99)), ProgressBarState(progress=1)]

    @commands.command()
    def set_all(webview_window: WebviewWindow) -> int:
        names = [it for it in dir(WebviewWindow) if it.startswith("set_")]
        for name in names:
            for value in values:
                with suppress(TypeError):
                    getattr(webview_window, name)(value)
                    break
        return len(names)

    async with TestApp(commands) as app:
        main = app.window("main")
        assert await main.invoke("set_all") > 20
        assert vars(main.state).keys() == {it.name for it in dataclasses.fields(WindowState)}


async def test_windows_share_their_cookies(commands: Commands) -> None:
    @commands.command()
    def share(app_handle: AppHandle, webview_window: WebviewWindow) -> list[Any]:
        other = WebviewWindowBuilder.build(app_handle, "other", URL)
        cookie = Cookie(key="session", value="abc", domain="example.org", path="/shop")
        webview_window.set_cookie(cookie)
        urls = ("http://shop.example.org/shop/1", "http://example.org/", "http://example.net")
        seen = [[it["value"] for it in other.cookies_for_url(url)] for url in urls]
        seen.append([it["key"] for it in other.cookies()])
        with pytest.raises(TypeError, match="`Cookie` needs the key `value`"):
            other.set_cookie(cast("Any", {"key": "a"}))
        other.delete_cookie(cookie)
        return [*seen, webview_window.cookies()]

    async with TestApp(commands) as app:
        seen = await app.window("main").invoke("share")
        assert seen == [["abc"], [], [], ["session"], []]
