"""Tests windows that commands build, find and close, and their pages."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
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


async def test_the_calls_of_a_window_that_closes_end(commands: Commands, wait_for: WaitFor) -> None:
    @commands.command()
    async def close(body: str, app_handle: AppHandle) -> None:
        window = Manager.get_webview_window(app_handle, body)
        assert window is not None
        window.close()
        await window.closed(timeout=120)

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


async def test_a_test_waits_for_what_a_command_does(commands: Commands) -> None:
    seen = threading.Event()

    @commands.command()
    def blink(app_handle: AppHandle) -> None:
        window = WebviewWindowBuilder.build(app_handle, "splash", URL)
        seen.wait(120)
        window.close()

    async with TestApp(commands) as app:
        main = app.window("main")
        with anyio.fail_after(120):
            call = main.start("blink")
            splash = await app.opened("splash")
            assert app.window("splash") is splash is await app.opened("splash")
            seen.set()
            await splash.wait_closed()
            assert splash.closed
            await call
