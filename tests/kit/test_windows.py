"""Tests windows that commands build, set, find and close, as the kit shows them to a test."""

from __future__ import annotations

import json
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
import pytest
from pydantic import BaseModel

from transom import (
    AppHandle,
    Commands,
    Emitter,
    EventTarget,
    Manager,
    Position,
    Size,
    Theme,
    WebviewUrl,
    WindowClosed,
)
from transom.testing import Emitted, InvokeError, TestApp
from transom.webview import WebviewWindow, WebviewWindowBuilder

pytestmark = pytest.mark.anyio
WaitFor = Callable[..., Awaitable[None]]
URL = WebviewUrl.App("editor.html")


@pytest.fixture
def commands() -> Commands:
    commands = Commands()

    @commands.command("open")
    async def open_window(body: str, app_handle: AppHandle) -> None:
        WebviewWindowBuilder.build(app_handle, body, URL, title=body.upper())

    @commands.command()
    def labels(app_handle: AppHandle) -> list[str]:
        return list(Manager.webview_windows(app_handle))

    @commands.command()
    async def wait() -> None:
        await anyio.sleep_forever()

    return commands


async def test_a_window_that_a_command_builds_is_there(commands: Commands) -> None:
    async with TestApp(commands) as app:
        main = app.window("main")
        await main.invoke("open", "editor-1")
        assert list(app.windows) == ["main", "editor-1"]
        editor = app.windows["editor-1"]
        assert (editor.label, editor.url) == ("editor-1", "tauri://localhost/editor.html")
        assert (editor.state.title, editor.args) == ("EDITOR-1", {"title": "EDITOR-1"})
        with pytest.raises(RuntimeError, match=r"has no page yet: `app.window\('editor-1'\)`"):
            await editor.invoke("labels")
        assert app.window("editor-1") is editor
        assert await editor.invoke("labels") == ["main", "editor-1"]
        with pytest.raises(ValueError, match="a window `editor-1` is open"):
            app.window("editor-1")
        with pytest.raises(InvokeError, match="a webview with label `editor-1` already exists"):
            await main.invoke("open", "editor-1")


async def test_a_plain_command_and_a_thread_build_windows_too(commands: Commands) -> None:
    built = list[WebviewWindow]()

    @commands.command()
    def open_in_threads(app_handle: AppHandle) -> None:
        def work(number: int) -> None:
            built.append(WebviewWindow(app_handle, f"log-{number}", URL))

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    async with TestApp(commands) as app:
        await app.window().invoke("open_in_threads")
        assert {it.label() for it in built} == app.windows.keys() - {"main"}
        assert all(isinstance(it, WebviewWindow) for it in built)


async def test_of_threads_that_build_one_label_one_does(commands: Commands) -> None:
    @commands.command()
    def race(app_handle: AppHandle) -> list[str]:
        barrier, refused = threading.Barrier(8), list[str]()

        def work() -> None:
            barrier.wait()
            try:
                WebviewWindowBuilder.build(app_handle, "raced", URL)
            except RuntimeError as error:
                refused.append(str(error))

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return refused

    async with TestApp(commands) as app:
        refused = await app.window().invoke("race")
        assert len(refused) == 7
        assert list(app.windows) == ["main", "raced"]


def capability(label: str, *permissions: Any, **more: Any) -> dict[str, Any]:
    own = {"identifier": label.replace("*", "all"), "windows": [label]}
    return {**own, "permissions": permissions, **more}


async def test_a_page_has_the_capabilities_of_its_label(commands: Commands) -> None:
    read = {"identifier": "transom:allow-call", "allow": [{"command": "labels"}]}
    both = [capability("main", "transom:default"), capability("editor-*", read)]
    async with TestApp(commands, capabilities=both) as app:
        main = app.window("main")
        await main.invoke("open", "editor-1")
        await main.invoke("open", "other")
        assert await app.window("editor-1").invoke("labels") == ["editor-1"]
        with pytest.raises(InvokeError, match="permission-denied"):
            await app.windows["editor-1"].invoke("wait")
        with pytest.raises(InvokeError, match="is in no capability"):
            await app.window("other").invoke("labels")


async def test_a_page_that_navigates_has_the_capabilities_of_its_address(
    commands: Commands,
) -> None:
    @commands.command()
    async def leave(body: str, webview_window: WebviewWindow) -> None:
        webview_window.navigate(body)

    docs: dict[str, Any] = {"remote": {"urls": ["https://docs.example"]}, "local": False}
    read = {"identifier": "transom:allow-call", "allow": [{"command": "labels"}]}
    docs["identifier"] = "docs"
    both = [capability("main", "transom:default"), capability("main", read, **docs)]
    async with TestApp(commands, capabilities=both) as app:
        main = app.window("main")
        waits = main.start("wait")
        with suppress(InvokeError):  # it may be answered first
            await main.invoke("leave", "https://docs.example/page")
        with pytest.raises(InvokeError, match="window-closed"):
            await waits
        assert main.url == "https://docs.example/page"
        assert await main.invoke("labels") == ["main"]
        with pytest.raises(InvokeError, match="permission-denied"):
            await main.invoke("wait")


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


async def test_what_a_test_says_of_a_double_wins(commands: Commands) -> None:
    @commands.command()
    async def visible(webview_window: WebviewWindow) -> bool:
        return webview_window.is_visible()

    async with TestApp(commands) as app:
        main = app.window("main")
        main.webview_window.is_visible.return_value = False
        assert await main.invoke("visible") is False
        assert main.state.visible is True


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


async def test_the_calls_of_a_window_that_closes_end(commands: Commands, wait_for: WaitFor) -> None:
    @commands.command()
    async def close(body: str, app_handle: AppHandle) -> None:
        window = Manager.get_webview_window(app_handle, body)
        assert window is not None
        window.close()
        await window.closed(timeout=20)

    async with TestApp(commands) as app:
        main = app.window("main")
        await main.invoke("open", "editor-1")
        editor = app.window("editor-1")
        call = editor.start("wait")
        await wait_for(lambda: len(app.calls()) == 1)
        await main.invoke("close", "editor-1")
        with pytest.raises(InvokeError, match="window-closed"):
            await call
        assert editor.closed
        assert list(app.windows) == ["main"]
        await main.invoke("open", "editor-1")
        again = app.window("editor-1")
        assert again is not editor
        assert await again.invoke("labels") == ["main", "editor-1"]
        with pytest.raises(RuntimeError, match="is closed"):
            editor.start("labels")


async def test_a_window_goes_with_its_reach(commands: Commands) -> None:
    found = list[WebviewWindow]()

    @commands.command()
    async def keep(app_handle: AppHandle) -> None:
        window = Manager.get_webview_window(app_handle, "log-1")
        assert window is not None
        found.append(window)

    async with TestApp(commands) as app:
        await app.window("main").invoke("open", "log-1")
        everything = [{"command": "*"}, {"window": "log-*"}]
        viewer = app.window("viewer", allow=everything)
        await viewer.invoke("keep")
        (log,) = found
        with pytest.raises(PermissionError, match=r'add {"window":"main"}'):
            Manager.get_webview_window(log, "main")
        with pytest.raises(PermissionError):
            WebviewWindow(log, "other", URL)
        assert list(Manager.webview_windows(log)) == ["log-1", "viewer"]
        viewer.close()
        log.set_title("it is there without the handle")
        with pytest.raises(WindowClosed, match=r"use.*`app_handle.app`"):
            Manager.webview_windows(log)
        app.windows["log-1"].close()
        with pytest.raises(WindowClosed, match="the window `log-1` is closed"):
            log.set_title("x")


class Saved(BaseModel):
    name: str


async def test_a_window_is_a_manager_of_events_and_states(commands: Commands) -> None:
    @commands.command()
    async def save(app_handle: AppHandle) -> bool:
        window = WebviewWindowBuilder.build(app_handle, "editor-1", URL)
        Emitter.emit_to(window, EventTarget.WebviewWindow("editor-1"), "saved", Saved(name="a"))
        Manager.manage(window, Saved(name="b"))
        return Manager.state(app_handle, Saved).name == "b"

    async with TestApp(commands) as app:
        assert await app.window("main").invoke("save")
        assert app.emitted == [Emitted("saved", {"name": "a"}, "editor-1")]


async def test_a_command_reloads_a_page(commands: Commands, wait_for: WaitFor) -> None:
    @commands.command()
    async def reload(body: str, app_handle: AppHandle) -> None:
        window = Manager.get_webview_window(app_handle, body)
        assert window is not None
        window.reload()

    async with TestApp(commands) as app:
        main, other = app.window("main"), app.window("other")
        call = other.start("wait")
        await wait_for(lambda: any(it.command == "wait" for it in app.calls()))
        await main.invoke("reload", "other")
        with pytest.raises(InvokeError, match="window-closed"):
            await call
        assert await other.invoke("labels") == ["main", "other"]


async def test_a_window_that_cannot_be_opened_is_not_there(commands: Commands) -> None:
    async with TestApp(commands, capabilities=capability("main", "transom:default")) as app:
        with pytest.raises(ValueError, match="'two words' is not a label"):
            app.window("two words")
        with pytest.raises(ValueError, match="relative URL"):
            app.window("main", url="index.html")
        assert app.windows == {}


async def test_no_open_is_lost_among_closes(commands: Commands) -> None:
    @commands.command()
    def mix(app_handle: AppHandle) -> list[str]:
        """200 mixed opens and closes by four threads, then one open."""
        failed = list[str]()

        def work(turn: int) -> None:
            try:
                for step in range(50):
                    if (step * 7 + turn) % 3:
                        WebviewWindowBuilder.get_or_build(app_handle, "mixed", URL)
                    elif window := Manager.get_webview_window(app_handle, "mixed"):
                        window.close()
            except Exception as error:  # noqa: BLE001 - the test shows it
                failed.append(repr(error))

        threads = [threading.Thread(target=work, args=(turn,)) for turn in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        WebviewWindowBuilder.get_or_build(app_handle, "mixed", URL)
        return failed

    async with TestApp(commands) as app:
        assert await app.window("main").invoke("mix") == []
        assert await app.window("mixed").invoke("labels") == ["main", "mixed"]
