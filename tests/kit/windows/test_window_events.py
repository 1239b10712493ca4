"""Tests what handlers of window events hear, and how they decide about the end of a window."""

from __future__ import annotations

import logging
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

import transom
from transom import (
    AppHandle,
    Commands,
    Manager,
    PageError,
    Position,
    Size,
    Theme,
    WebviewUrl,
    WindowClosed,
    WindowEvent,
)
from transom.testing import InvokeError, TestApp
from transom.webview import WebviewWindow, WebviewWindowBuilder

pytestmark = pytest.mark.anyio
WaitFor = Callable[..., Awaitable[None]]
URL = WebviewUrl.App("editor.html")


def told(event: WindowEvent) -> tuple[Any, ...]:
    match event:
        case (
            WindowEvent.Resized(value)
            | WindowEvent.Moved(value)
            | WindowEvent.Focused(value)
            | WindowEvent.ThemeChanged(value)
        ):
            return (type(event).__name__, value)
        case _:
            return (type(event).__name__,)


async def test_setters_and_users_are_heard_of_in_order(commands: Commands) -> None:
    heard, threads = list[tuple[Any, ...]](), set[str]()

    @commands.command()
    async def watch(webview_window: WebviewWindow) -> None:
        def handler(event: WindowEvent) -> None:
            heard.append(told(event))
            threads.add(threading.current_thread().name)

        webview_window.on_window_event(handler)
        webview_window.set_size(Size.Physical((300, 200)))
        webview_window.set_size(Size.Physical((300, 200)))
        webview_window.set_position(Position.Physical((3, 4)))
        webview_window.set_title("nobody is told of it")

    async with TestApp(commands) as app:
        main = app.window("main")
        await main.invoke("watch")
        await main.resize(400, 100)
        await main.move(1, 2)
        other = app.window("other")
        await main.focus()
        await other.focus()
        await main.send(WindowEvent.ThemeChanged(Theme.Dark))
        assert heard == [
            ("Resized", (300, 200)),
            ("Moved", (3, 4)),
            ("Resized", (400, 100)),
            ("Moved", (1, 2)),
            ("Focused", False),
            ("Focused", True),
            ("Focused", False),
            ("ThemeChanged", Theme.Dark),
        ]
        assert threads == {"transom-test-callbacks"}
        assert await main.request_close() is True
        assert heard[-2:] == [("CloseRequested",), ("Destroyed",)]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
async def test_an_async_handler_runs_on_the_portal_and_asks_the_page(
    commands: Commands, backend: str
) -> None:
    @commands.command()
    async def ask(webview_window: WebviewWindow) -> None:
        portal = threading.get_ident()

        async def handler(event: WindowEvent) -> None:
            assert threading.get_ident() == portal
            if isinstance(event, WindowEvent.CloseRequested) and await webview_window.call("dirty"):
                event.api.prevent_close()

        webview_window.on_window_event(handler)

    answers = [False, True]
    async with TestApp(commands, backend=backend) as app:
        main = app.window("main")
        main.expose("dirty", lambda _: answers.pop())
        await main.invoke("ask")
        with anyio.fail_after(120):
            assert await main.request_close() is False
            assert not main.closed
            assert await main.request_close() is True
        assert main.closed
        assert answers == []


async def test_a_window_without_handlers_closes_at_once(commands: Commands) -> None:
    async with TestApp(commands) as app:
        assert await app.window("main").request_close()
        assert app.windows == {}


async def test_a_plain_handler_prevents_the_close_of_a_command_and_not_its_destroy(
    commands: Commands,
) -> None:
    @commands.command("open")
    async def open_window(app_handle: AppHandle) -> None:
        window = WebviewWindowBuilder.build(app_handle, "kept", URL)

        def keep(event: WindowEvent) -> None:
            if isinstance(event, WindowEvent.CloseRequested):
                event.api.prevent_close()

        window.on_window_event(keep)

    @commands.command()
    def end(body: str, app_handle: AppHandle) -> bool:
        window = Manager.get_webview_window(app_handle, "kept")
        assert window is not None
        getattr(window, body)()
        return Manager.get_webview_window(app_handle, "kept") is not None

    async with TestApp(commands) as app:
        main = app.window("main")
        await main.invoke("open")
        assert await main.invoke("end", "close")
        assert not await app.windows["kept"].request_close()
        assert not await main.invoke("end", "destroy")
        assert list(app.windows) == ["main"]


async def test_a_handler_that_fails_prevents_nothing(
    commands: Commands, caplog: pytest.LogCaptureFixture
) -> None:
    @commands.command()
    async def watch(webview_window: WebviewWindow) -> None:
        def fail(event: WindowEvent) -> None:
            raise KeyError(type(event).__name__)

        webview_window.on_window_event(fail)

    async with TestApp(commands) as app:
        main = app.window("main")
        await main.invoke("watch")
        assert await main.request_close()
    failed = [it for it in caplog.records if it.levelno == logging.ERROR]
    assert len(failed) == 2, "of the close request, and of its end"
    assert "a callback failed" in failed[0].message


@pytest.mark.parametrize("anyio_backend", ["asyncio"])  # it takes 5 seconds
async def test_a_handler_that_is_late_prevents_nothing(commands: Commands) -> None:
    late = threading.Event()

    @commands.command()
    async def watch(webview_window: WebviewWindow) -> None:
        def wait(event: WindowEvent) -> None:
            if isinstance(event, WindowEvent.CloseRequested):
                late.wait(600)
                event.api.prevent_close()

        webview_window.on_window_event(wait)

    async with TestApp(commands) as app:
        main = app.window("main")
        await main.invoke("watch")
        with anyio.fail_after(120):
            assert await main.request_close(), "after the 5 seconds of an app"
        late.set()


async def test_a_handler_that_goes_on_ends_with_the_app(commands: Commands) -> None:
    begun, ended = threading.Event(), threading.Event()

    @commands.command()
    async def watch(webview_window: WebviewWindow) -> None:
        async def wait(_: WindowEvent) -> None:
            begun.set()
            try:
                await anyio.sleep_forever()
            finally:
                ended.set()

        webview_window.on_window_event(wait)
        webview_window.set_size(Size.Physical((10, 10)))

    async with TestApp(commands) as app:
        await app.window("main").invoke("watch")
        await anyio.to_thread.run_sync(begun.wait, 20)
    assert ended.is_set()
    names = [it.name for it in threading.enumerate()]
    assert not {"transom-test-callbacks", "transom-test-starter"} & set(names)


async def test_a_command_talks_with_the_page_of_another_window(commands: Commands) -> None:
    @commands.command("open")
    async def open_window(app_handle: AppHandle) -> str:
        window = WebviewWindowBuilder.build(app_handle, "editor-1", URL)
        with pytest.raises(WindowClosed, match="has not used Transom yet"):
            await window.call("draft")
        return window.label()

    @commands.command()
    async def ask(body: str, app_handle: AppHandle) -> Any:
        window = Manager.get_webview_window(app_handle, "editor-1")
        assert window is not None
        try:
            return await window.call(body, 3, timeout=0.05 if body == "slow" else 120)
        except PageError as error:
            return error.name
        except TimeoutError:
            return "TimeoutError"

    async with TestApp(commands) as app:
        main = app.window("main")
        assert await main.invoke("open") == "editor-1"
        editor = app.window("editor-1")
        editor.expose("triple", lambda number: 3 * number)
        editor.expose("slow", lambda _: anyio.sleep(600))
        assert await main.invoke("ask", "triple") == 9
        assert await main.invoke("ask", "draft") == "NotExposed"
        assert await main.invoke("ask", "slow") == "TimeoutError"
        editor.close()


async def test_waits_for_the_end_of_a_window_are_refused_and_cancelled_as_in_an_app(
    commands: Commands, wait_for: WaitFor
) -> None:
    @commands.command()
    async def block(webview_window: WebviewWindow) -> None:
        webview_window.blocking_closed(timeout=1)

    @commands.command()
    def wait(webview_window: WebviewWindow) -> None:
        webview_window.blocking_closed()

    async with TestApp(commands) as app:
        main = app.window("main")
        with pytest.raises(InvokeError, match=r"write `await webview_window.closed\(\)`"):
            await main.invoke("block")
        call = main.start("wait")
        await wait_for(lambda: [it.state for it in app.calls()] == ["running"])
        call.cancel()
        assert await call.released() == "cancelled"


async def test_the_guide_s_way_to_keep_unsaved_text(commands: Commands, tmp_path: Path) -> None:
    """A command that ends its window within a handler of its own."""
    file = tmp_path / "draft.txt"

    @commands.command()
    async def watch(webview_window: WebviewWindow) -> None:
        async def save(event: WindowEvent) -> None:
            if isinstance(event, WindowEvent.CloseRequested):
                event.api.prevent_close()
                file.write_text(await webview_window.call("draft"))
                webview_window.destroy()

        webview_window.on_window_event(save)

    async with TestApp(commands) as app:
        main = app.window("main")
        main.expose("draft", lambda _: "Dear Ada")
        await main.invoke("watch")
        assert await main.request_close()
        assert file.read_text() == "Dear Ada"


async def test_the_app_of_a_handler_is_the_one_of_its_window(commands: Commands) -> None:
    seen = dict[str, int]()

    @commands.command()
    async def watch(webview_window: WebviewWindow) -> None:
        def plain(_: WindowEvent) -> None:
            seen["plain"] = transom.metrics().calls

        async def asynchronous(_: WindowEvent) -> None:
            seen["async"] = transom.metrics().calls

        for handler in (plain, asynchronous):
            webview_window.on_window_event(handler)

    @commands.command()
    async def wait() -> None:
        await anyio.sleep_forever()

    async with TestApp(commands) as app, TestApp(commands) as other:
        main = app.window("main")
        other.window("main").start("wait")
        await main.invoke("watch")
        await main.move(1, 1)
        assert seen == {"plain": 0, "async": 0}
