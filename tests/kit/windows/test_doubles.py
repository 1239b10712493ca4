"""Tests the doubles that commands get instead of Tauri's objects."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Annotated, Any, cast

import pytest
from pydantic import BaseModel

from transom import (
    AppHandle,
    CallContext,
    Commands,
    Emitter,
    EventTarget,
    Manager,
    PageError,
    State,
    WebviewWindow,
    WindowClosed,
)
from transom.testing import Emitted, InvokeError, TestApp

pytestmark = pytest.mark.anyio
WaitFor = Callable[..., Awaitable[None]]


class Saved(BaseModel):
    name: str


class Counter:
    value = 7


async def test_states_are_found_by_their_class(commands: Commands) -> None:
    @commands.command()
    async def count(counter: Annotated[Counter, State()], app_handle: AppHandle) -> int:
        assert Manager.state(app_handle, Counter) is counter
        return counter.value

    async with TestApp(commands) as app:
        main = app.window("main")
        with pytest.raises(InvokeError, match=r"must call `.manage\(\)` before"):
            await main.invoke("count")
        assert app.manage(Counter())
        assert not app.manage(Counter())
        assert await main.invoke("count") == 7


def is_other(target: EventTarget) -> bool:
    return isinstance(target, EventTarget.AnyLabel) and target.label == "other"


async def test_events_are_recorded(commands: Commands) -> None:
    @commands.command()
    async def save(app_handle: AppHandle, webview_window: WebviewWindow, ctx: CallContext) -> None:
        Emitter.emit(app_handle, "saved", Saved(name="a"))
        Emitter.emit_to(webview_window, EventTarget.AnyLabel("other"), "saved", Saved(name="b"))
        Emitter.emit_str_filter(app_handle, "saved", "1", is_other)
        ctx.emit("saved", Saved(name="c"))

    async with TestApp(commands) as app:
        app.window("other")
        await app.window("main").invoke("save")
        assert app.emitted == [
            Emitted("saved", {"name": "a"}),
            Emitted("saved", {"name": "b"}, "other"),
            Emitted("saved", 1, "other"),
            Emitted("saved", {"name": "c"}, "main"),
        ]


async def test_a_payload_that_is_no_model_is_refused_as_in_an_app(commands: Commands) -> None:
    @commands.command()
    async def save(app_handle: AppHandle) -> None:
        Emitter.emit(app_handle, "saved", cast("Any", [1]))

    async with TestApp(commands) as app:
        with pytest.raises(InvokeError, match="must be a pydantic BaseModel, got list; for JSON"):
            await app.window("main").invoke("save")
        assert app.emitted == []


async def test_doubles_pass_for_the_real_classes(commands: Commands) -> None:
    @commands.command()
    async def rename(body: str, webview_window: WebviewWindow, app_handle: AppHandle) -> list[str]:
        assert isinstance(webview_window, WebviewWindow)
        assert isinstance(app_handle, AppHandle)
        webview_window.set_title(body)
        app_handle.exit(3)
        assert [call.command for call in app_handle.calls()] == ["rename"]
        return [webview_window.label(), *sorted(Manager.webview_windows(app_handle))]

    async with TestApp(commands) as app:
        main = app.window("main")
        app.window("other")
        assert await main.invoke("rename", "Report") == ["main", "main", "other"]
        main.webview_window.set_title.assert_called_once_with("Report")
        assert app.exit_code == 3


async def test_a_command_calls_the_page(commands: Commands) -> None:
    @commands.command()
    async def ask(body: str, webview_window: WebviewWindow) -> Any:
        return await webview_window.call("confirm", body, timeout=120.0)

    @commands.command()
    def ask_and_wait(webview_window: WebviewWindow) -> Any:
        return webview_window.blocking_call("confirm", "b", timeout=120.0)

    async def confirm(question: str) -> dict[str, str]:
        return {"answer": f"{question}!"}

    async with TestApp(commands) as app, TestApp(commands) as another:
        main = app.window("main")
        another.window("main").expose("confirm", lambda _: "wrong app")
        main.expose("confirm", confirm)
        assert await main.invoke("ask", "a") == {"answer": "a!"}
        assert await main.invoke("ask_and_wait") == {"answer": "b!"}


async def test_what_the_page_throws_is_a_page_error(commands: Commands) -> None:
    caught = list[PageError]()

    @commands.command()
    async def ask(body: str, webview_window: WebviewWindow) -> None:
        try:
            await webview_window.call(body, timeout=120.0)
        except PageError as error:
            caught.append(error)

    def fail(_: object) -> None:
        raise KeyError("x")

    async with TestApp(commands) as app:
        main = app.window("main")
        main.expose("fail", fail)
        await main.invoke("ask", "fail")
        await main.invoke("ask", "nothing")
        assert [error.name for error in caught] == ["KeyError", "NotExposed"]


async def test_the_reach_is_that_of_the_entries(commands: Commands) -> None:
    handles = list[AppHandle]()

    @commands.command()
    async def look(body: str, app_handle: AppHandle) -> bool:
        handles.append(app_handle)
        return Manager.get_webview_window(app_handle, body) is not None

    async with TestApp(commands) as app:
        everything = [{"command": "*"}, {"window": "log-*"}]
        main = app.window("main", allow=everything)
        app.window("log-1")
        app.window("other")
        assert await main.invoke("look", "main") is True
        assert await main.invoke("look", "log-1") is True
        with pytest.raises(InvokeError, match=r'add {"window":"other"}'):
            await main.invoke("look", "other")
        with pytest.raises(PermissionError):
            _ = handles[0].app
        main.close()
        with pytest.raises(WindowClosed):
            handles[0].calls()


async def test_a_command_closes_its_window(commands: Commands, wait_for: WaitFor) -> None:
    @commands.command()
    async def leave(webview_window: WebviewWindow) -> None:
        webview_window.close()

    async with TestApp(commands) as app:
        main = app.window("main")
        with suppress(InvokeError):  # it may be answered first
            await main.invoke("leave")
        await wait_for(lambda: main.closed)
        with pytest.raises(RuntimeError, match="is closed"):
            main.start("leave")


async def test_a_command_awaits_the_end_of_a_window(commands: Commands, wait_for: WaitFor) -> None:
    begun, ends = list[str](), list[str]()

    @commands.command()
    async def watch(webview_window: WebviewWindow) -> str:
        with pytest.raises(TimeoutError):
            await webview_window.closed(timeout=0.01)
        return "still there"

    @commands.command(on_close="detach")
    def wait(webview_window: WebviewWindow) -> None:
        begun.append(webview_window.label())
        webview_window.blocking_closed(timeout=120)
        ends.append(webview_window.label())

    async with TestApp(commands) as app:
        main, other = app.window("main"), app.window("other")
        assert await main.invoke("watch") == "still there"
        with suppress(InvokeError):  # its page goes
            call = other.start("wait")
            await wait_for(lambda: begun == ["other"])
            other.close()
            await call
        await wait_for(lambda: ends == ["other"])
