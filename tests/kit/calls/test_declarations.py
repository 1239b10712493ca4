"""Tests events and functions of pages that are declared with types, with the test kit's pages."""

from __future__ import annotations

from typing import Protocol

import pytest
from pydantic import BaseModel

from transom import AppHandle, CallContext, Commands, EventTarget
from transom.testing import Emitted, InvokeError, TestApp
from transom.webview import WebviewWindow

pytestmark = pytest.mark.anyio


class Saved(BaseModel):
    name: str
    size: int = 0


class Asker(Protocol):
    async def ask(self, question: Saved, /) -> bool: ...


class BlockingAsker(Protocol):
    def ask(self, question: Saved, /) -> bool: ...


async def test_events_are_recorded_as_they_are_sent(commands: Commands) -> None:
    saved = commands.event("saved", Saved)
    names = commands.event("names", list[str])

    @commands.command()
    async def save(body: str, app_handle: AppHandle, ctx: CallContext) -> None:
        saved.emit(app_handle, Saved(name=body))
        saved.emit_to(app_handle, EventTarget.WebviewWindow("main"), Saved(name=body, size=2))
        names.emit(ctx, [body])

    async with TestApp(commands) as app:
        await app.window("main").invoke("save", "a")
        assert app.emitted == [
            Emitted("saved", {"name": "a", "size": 0}),
            Emitted("saved", {"name": "a", "size": 2}, "main"),
            Emitted("names", ["a"], "main"),
        ]


async def test_pages_answer_what_was_declared(commands: Commands) -> None:
    asker, blocking = commands.page(Asker), commands.page(BlockingAsker)

    @commands.command()
    async def ask(body: str, webview_window: WebviewWindow) -> bool:
        return await asker(webview_window, timeout=60).ask(Saved(name=body))

    @commands.command()
    def ask_in_thread(body: str, webview_window: WebviewWindow) -> bool:
        return blocking(webview_window, timeout=60).ask(Saved(name=body))

    async with TestApp(commands) as app:
        main = app.window("main")
        main.expose(
            "ask", lambda it: "odd" if it["name"] == "odd" else it == {"name": "a", "size": 0}
        )
        for command in ("ask", "ask_in_thread"):
            assert await main.invoke(command, "a") is True
            assert await main.invoke(command, "b") is False
            with pytest.raises(InvokeError, match="`ask` gave what is none"):
                await main.invoke(command, "odd")
