"""Tests that values which a page could not read are refused, in a test as in an app."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from transom import AppHandle, CallContext, Commands, Emitter, EventTarget
from transom.ipc import JavaScriptChannelId
from transom.testing import InvokeError, TestApp
from transom.webview import WebviewWindow

pytestmark = pytest.mark.anyio

NAN = float("nan")


class Odd(BaseModel):
    model_config = ConfigDict(ser_json_inf_nan="constants")
    value: float | int


class Plain(BaseModel):
    value: float


ODD = [Odd(value=NAN), Odd(value=float("inf")), Odd(value=2**53 + 1)]


@pytest.mark.parametrize("on_close", ["cancel", "detach"])
async def test_a_result_is_not_serializable(commands: Commands, on_close: Any) -> None:
    @commands.command(on_close=on_close)
    async def result(body: int) -> Odd:
        return ODD[body]

    async with TestApp(commands) as app:
        for i in range(len(ODD)):
            with pytest.raises(InvokeError) as caught:
                await app.window(f"w{i}").invoke("result", i)
            assert caught.value.code == "result-not-serializable"
            assert caught.value.details["started"] is True


async def test_an_item_is_not_serializable_after_those_before_it(commands: Commands) -> None:
    closed = list[str]()

    @commands.command()
    async def items() -> AsyncIterator[Odd]:
        try:
            yield Odd(value=1)
            yield Odd(value=NAN)
        finally:
            closed.append("closed")

    async with TestApp(commands) as app:
        got = list[Any]()
        with pytest.raises(InvokeError) as caught:  # noqa: PT012 - the loop is what raises
            async for item in app.window().stream("items"):
                got.append(item)
        assert got == [{"value": 1}]
        assert caught.value.code == "result-not-serializable"
        assert closed == ["closed"]


async def test_events_channels_and_arguments_are_refused(commands: Commands) -> None:
    refused = list[str]()

    def attempt(what: str, send: Callable[[Odd], object]) -> None:
        for odd in ODD:
            with pytest.raises(ValueError, match="must be JSON text"):
                send(odd)
            refused.append(what)

    @commands.command()
    async def send(
        body: JavaScriptChannelId[Any],
        app_handle: AppHandle,
        webview_window: WebviewWindow,
        ctx: CallContext,
    ) -> None:
        target = EventTarget.Any()
        attempt("emit", lambda odd: Emitter.emit(app_handle, "told", odd))
        attempt("emit_to", lambda odd: Emitter.emit_to(app_handle, target, "told", odd))
        attempt("emit_str", lambda odd: Emitter.emit_str(app_handle, "told", odd.model_dump_json()))
        attempt("ctx", lambda odd: ctx.emit("told", odd))
        attempt("channel", body.channel_on(ctx).send_model)
        for odd in ODD:
            with pytest.raises(ValueError, match="must be JSON text"):
                await webview_window.call("f", odd)
            with pytest.raises(ValueError, match="must be JSON text"):
                await webview_window.call("f", [odd.value])
            refused.append("call")
        for done in (NAN, float("inf"), 10**400):
            with pytest.raises(ValueError, match="finite"):
                ctx.progress(done)

    async with TestApp(commands) as app:
        main = app.window()
        main.expose("f", lambda it: it)
        channel = main.channel()
        await main.invoke("send", channel)
        assert len(refused) == 6 * len(ODD)
        assert app.emitted == []
        assert channel.messages == []


async def test_a_page_sends_null_for_nan_as_json_does(commands: Commands) -> None:
    @commands.command()
    async def echo(body: list[float | None]) -> list[float | None]:
        return body

    async with TestApp(commands) as app:
        main = app.window()
        assert await main.invoke("echo", [NAN, 1.5]) == [None, 1.5]
        with pytest.raises(ValueError, match="no JSON"):
            await main.invoke("echo", Odd(value=NAN))


async def test_an_exposed_function_gives_what_json_keeps(commands: Commands) -> None:
    @commands.command()
    async def ask(body: str, webview_window: WebviewWindow) -> str:
        try:
            return ascii(await webview_window.call(body, timeout=600.0))
        except Exception as error:  # noqa: BLE001 - the test reads which one
            return type(error).__name__

    async with TestApp(commands) as app:
        main = app.window()
        given = {"nan": NAN, "half": "\ud800", "order": {"b": 1, "a": 2}, "set": object()}
        for name, value in given.items():
            main.expose(name, lambda _, value=value: value)
        assert await main.invoke("ask", "nan") == "None"
        assert await main.invoke("ask", "half") == r"'\ud800'"
        assert await main.invoke("ask", "order") == "{'b': 1, 'a': 2}"
        assert await main.invoke("ask", "set") == "PageError"
