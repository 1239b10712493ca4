"""Tests that `Listener` hears, in the test kit, what commands and pages send."""

from __future__ import annotations

import logging
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import anyio.lowlevel
import pytest
from pydantic import BaseModel

from transom import AppHandle, CallContext, Commands, Emitter, Event, EventTarget, Listener, Manager
from transom.testing import Emitted, InvokeError, TestApp
from transom.webview import WebviewWindow

pytestmark = pytest.mark.anyio
WaitFor = Callable[..., Awaitable[None]]


class Saved(BaseModel):
    number: int


def number_of(event: Event) -> int:
    return Saved.model_validate_json(event.payload).number


async def test_events_are_heard_in_order_until_the_listener_ends(commands: Commands) -> None:
    heard, threads, events = list[int](), set[str](), list[Event]()

    @commands.command()
    async def follow(app_handle: AppHandle) -> int:
        def hear(event: Event) -> None:
            events.append(event)
            heard.append(number_of(event))
            threads.add(threading.current_thread().name)

        Listener.once(app_handle, "saved", lambda event: heard.append(-number_of(event)))
        return Listener.listen(app_handle, "saved", hear)

    @commands.command()
    def save(app_handle: AppHandle) -> None:
        for number in range(1, 100):
            Emitter.emit(app_handle, "saved", Saved(number=number))
        Emitter.emit(app_handle, "other", Saved(number=0))

    @commands.command()
    async def forget(body: int, app_handle: AppHandle) -> None:
        Listener.unlisten(app_handle, body)
        Listener.unlisten(app_handle, 1000)

    async with TestApp(commands) as app:
        main = app.window("main")
        number = await main.invoke("follow")
        await main.invoke("save")
        await app.heard()
        assert heard == [-1, *range(1, 100)]
        assert threads == {"transom-test-callbacks"}
        assert isinstance(events[0], Event)
        assert (events[0].id, events[0].payload) == (number, '{"number":1}')
        assert app.emitted[0] == Emitted("saved", {"number": 1})
        await main.invoke("forget", number)
        await main.invoke("save")
        await app.heard()
        assert len(heard) == 100


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
async def test_a_page_is_heard_and_what_handlers_raise_is_logged(
    commands: Commands, backend: str, caplog: pytest.LogCaptureFixture
) -> None:
    heard = list[Any]()
    ready = commands.event("ready", Saved)

    async def hear(payload: Saved) -> None:
        await anyio.lowlevel.checkpoint()
        heard.append(payload)

    def fail(_: Event) -> None:
        raise SystemExit("wrong")

    @commands.command()
    async def follow(app_handle: AppHandle) -> None:
        Listener.listen(app_handle, "ready", fail)
        ready.listen(app_handle, hear)

    async with TestApp(commands, backend=backend) as app:
        main = app.window("main")
        await main.invoke("follow")
        with caplog.at_level(logging.ERROR):
            await main.emit("ready", {"number": 3})
            await main.emit("ready", Saved(number=4))
            await main.emit("ready", {"number": "none"})
        assert heard == [Saved(number=3), Saved(number=4)]
        logged = [it.getMessage() for it in caplog.records]
        assert sum("callback failed" in it for it in logged) == 4, logged
        assert app.emitted == []
        with pytest.raises(ValueError, match="event name"):
            await main.emit("two words")
        with pytest.raises(TypeError, match="carries JSON"):
            await main.emit("ready", b"bytes")


async def test_who_hears_an_event_is_whom_it_is_for(commands: Commands) -> None:
    heard = list[str]()

    def hears(name: str) -> Callable[[Event], None]:
        return lambda event: heard.append(f"{name} {event.payload}")

    @commands.command()
    async def follow(app_handle: AppHandle, webview_window: WebviewWindow) -> None:
        Listener.listen(app_handle, "saved", hears("app"))
        Listener.listen(webview_window, "saved", hears("main"))
        other = Manager.get_webview_window(app_handle, "other")
        assert other is not None
        Listener.listen(other, "saved", hears("other"))
        Listener.listen_any(app_handle, "saved", hears("any"))
        Listener.once_any(app_handle, "saved", hears("first"))

    @commands.command()
    async def to_all(app_handle: AppHandle) -> None:
        Emitter.emit_str(app_handle, "saved", "1")

    @commands.command()
    async def to_one(app_handle: AppHandle) -> None:
        Emitter.emit_str_to(app_handle, EventTarget.WebviewWindow("other"), "saved", "2")
        Emitter.emit_str_to(app_handle, EventTarget.Window("other"), "saved", "3")

    @commands.command()
    async def to_app(app_handle: AppHandle) -> None:
        Emitter.emit_str_to(app_handle, EventTarget.App(), "saved", "4")

    @commands.command()
    async def to_some(app_handle: AppHandle) -> None:
        def chosen(target: object) -> bool:
            match target:
                case EventTarget.App():
                    return True
                case EventTarget.WebviewWindow(label="main"):
                    return True
                case _:
                    return False

        Emitter.emit_str_filter(app_handle, "saved", "5", chosen)

    @commands.command()
    async def to_caller(ctx: CallContext) -> None:
        ctx.emit("saved", Saved(number=6))

    async with TestApp(commands) as app:
        main = app.window("main")
        app.window("other")
        await main.invoke("follow")
        for command, expected in {
            "to_all": ["app 1", "main 1", "other 1", "any 1", "first 1"],
            "to_one": ["other 2", "any 2", "any 3"],
            "to_app": ["app 4", "any 4"],
            "to_some": ["app 5", "main 5", "any 5"],
            "to_caller": ['main {"number":6}', 'any {"number":6}'],
        }.items():
            heard.clear()
            await main.invoke(command)
            await app.heard()
            assert heard == expected
        last = [Emitted("saved", 5, "main"), Emitted("saved", {"number": 6}, "main")]
        assert app.emitted[-2:] == last


async def test_a_listener_keeps_to_its_reach_and_ends_with_its_window(commands: Commands) -> None:
    heard = list[str]()
    own = dict[str, int]()

    @commands.command()
    async def follow(body: str, app_handle: AppHandle) -> None:
        own[body] = Listener.listen(app_handle, "saved", lambda _: heard.append(body))

    @commands.command()
    async def follow_all(app_handle: AppHandle) -> None:
        Listener.listen_any(app_handle, "saved", lambda event: heard.append(event.payload))

    @commands.command()
    async def forget(body: int, app_handle: AppHandle) -> None:
        Listener.unlisten(app_handle, body)

    async with TestApp(commands) as app:
        main = app.window("main")
        narrow = app.window("narrow", allow=[{"command": "*"}])
        await main.invoke("follow", "main")
        await narrow.invoke("follow", "narrow")
        with pytest.raises(InvokeError, match="may not reach every window"):
            await narrow.invoke("follow_all")
        await narrow.invoke("forget", own["main"])
        await main.emit("saved")
        assert heard == ["main", "narrow"]
        narrow.close()
        await main.emit("saved")
        assert heard == ["main", "narrow", "main"]
        await main.invoke("forget", own["main"])
        await main.emit("saved")
        assert len(heard) == 3


async def test_what_an_app_refuses_is_refused(commands: Commands) -> None:
    @commands.command()
    async def listen(body: dict[str, Any], app_handle: AppHandle) -> str:
        try:
            Listener.listen(app_handle, "saved", print, **body)
        except (TypeError, ValueError) as error:
            return str(error)
        return ""

    @commands.command()
    async def listen_wrong(app_handle: AppHandle) -> str:
        wrong: Any = 3
        try:
            Listener.listen(app_handle, "saved", wrong)
        except TypeError as error:
            return str(error)
        return ""

    async with TestApp(commands) as app:
        main = app.window("main")
        assert await main.invoke("listen", {"bound": 3, "on_full": "latest"}) == ""
        assert "`bound` is 1 to" in await main.invoke("listen", {"bound": 0})
        assert "`on_full` is" in await main.invoke("listen", {"on_full": "no"})
        assert "must be callable" in await main.invoke("listen_wrong")
