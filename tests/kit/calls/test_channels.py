"""Tests channels with the test kit's pages."""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest
from pydantic import BaseModel

from transom import CallContext, Commands, WindowClosed
from transom.ipc import JavaScriptChannelId
from transom.testing import InvokeError, TestApp

WaitFor = Callable[..., Awaitable[None]]
pytestmark = pytest.mark.anyio


class Line(BaseModel):
    text: str


class Follow(BaseModel):
    channel: JavaScriptChannelId[Line]


async def test_what_a_command_sends_comes_in_order(commands: Commands) -> None:
    @commands.command()
    async def follow(body: Follow, ctx: CallContext) -> None:
        channel = body.channel.channel_on(ctx)
        channel.send_model(Line(text="first"))
        channel.send(b"second")

    @commands.command()
    def alone(body: JavaScriptChannelId[Line], ctx: CallContext) -> int:
        channel = body.channel_on(ctx)
        channel.send('"third"')
        return channel.id()

    async with TestApp(commands) as app:
        main = app.window("main")
        channel = main.channel()
        await main.invoke("follow", {"channel": channel})
        with anyio.fail_after(120):
            messages = await channel.wait_for(lambda it: len(it) == 2)
        assert messages == [{"text": "first"}, b"second"]
        # As on a page, it has ended with its call.
        with pytest.raises(InvokeError, match="this channel has ended"):
            await main.invoke("alone", channel)
        another = main.channel()
        assert str(await main.invoke("alone", another)) == another.rpartition(":")[2]
        with anyio.fail_after(120):
            assert await another.wait_for(lambda it: len(it) == 1) == ["third"]


async def test_what_is_no_model_is_refused_by_name(commands: Commands) -> None:
    @commands.command()
    def send(body: JavaScriptChannelId[Line], ctx: CallContext) -> str:
        model: Any = {"text": "first"}
        with pytest.raises(TypeError) as caught:
            body.channel_on(ctx).send_model(model)
        return str(caught.value)

    async with TestApp(commands) as app:
        main = app.window("main")
        text = await main.invoke("send", main.channel())
    assert text.startswith("`send_model` sends a pydantic BaseModel, got dict; ")


async def test_bytes_of_a_channel_are_those_of_any_numbers(commands: Commands) -> None:
    @commands.command()
    def send(body: JavaScriptChannelId[Line], ctx: CallContext) -> None:
        channel = body.channel_on(ctx)
        for data in (bytearray(b"ab"), memoryview(b"acbd")[::2], array("H", [1])):
            channel.send(data)
        for wrong in (5, (ctypes.c_wchar * 4)(*"text")):
            with pytest.raises(TypeError, match=r"a channel sends JSON text \(str\) or bytes"):
                channel.send(wrong)  # type: ignore[arg-type]

    async with TestApp(commands) as app:
        main = app.window("main")
        channel = main.channel()
        await main.invoke("send", channel)
        with anyio.fail_after(120):
            messages = await channel.wait_for(lambda it: len(it) == 3)
        assert messages == [b"ab", b"ab", array("H", [1]).tobytes()]


async def test_a_window_that_is_gone_is_told(commands: Commands, wait_for: WaitFor) -> None:
    caught = list[BaseException]()

    @commands.command(on_close="detach")
    async def follow(body: JavaScriptChannelId[Line], ctx: CallContext) -> None:
        channel = body.channel_on(ctx)
        channel.send("0")
        while not caught:
            await anyio.sleep(0.001)
            try:
                channel.send("1")
            except WindowClosed as error:
                caught.append(error)

    async with TestApp(commands) as app:
        main = app.window("main")
        channel = main.channel()
        main.start("follow", channel)
        with anyio.fail_after(120):
            await channel.wait_for(bool)
            main.close()
            await wait_for(lambda: bool(caught))
    assert "main" in str(caught[0])
