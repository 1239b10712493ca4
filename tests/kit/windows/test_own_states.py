"""Tests the states of single windows, scripts of pages, and numbers of numpy, in tests of apps."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import pytest
from pydantic import BaseModel

from transom import (
    AppHandle,
    CallContext,
    Commands,
    Emitter,
    Manager,
    State,
    WebviewUrl,
    WebviewWindow,
    WindowClosed,
)
from transom.testing import TestApp
from transom.webview import WebviewWindowBuilder

pytestmark = pytest.mark.anyio


class Draft:
    def __init__(self, text: str) -> None:
        self.text = text


class Anything(BaseModel):
    value: Any


async def test_a_command_gets_the_state_of_the_window_that_calls(commands: Commands) -> None:
    @commands.command()
    async def read(draft: Annotated[Draft, State()]) -> str:
        return draft.text

    @commands.command()
    async def keep(body: str, webview_window: WebviewWindow, app_handle: AppHandle) -> list[object]:
        kept = [webview_window.manage(Draft(body)), webview_window.manage(Draft("later"))]
        ways = (webview_window.state(Draft), Manager.state(webview_window, Draft))
        return [*kept, *(it.text for it in ways), Manager.state(app_handle, Draft).text]

    async with TestApp(commands) as app:
        app.manage(Draft("of the app"))
        main, other = app.window("main"), app.window("other")
        assert await main.invoke("keep", "own") == [True, False, "own", "own", "of the app"]
        assert await main.invoke("read") == "own"
        assert await other.invoke("read") == "of the app"
        main.close()
        with pytest.raises(WindowClosed):
            main.webview_window.state(Draft)
        assert await app.window("main").invoke("read") == "of the app"


async def test_a_window_that_is_gone_calls_no_page_of_another(commands: Commands) -> None:
    seen: list[str] = []

    @commands.command()
    async def ask_the_first(app_handle: AppHandle) -> None:
        url = WebviewUrl.App("index.html")
        first = WebviewWindowBuilder.build(app_handle, "twin", url)
        first.destroy()
        WebviewWindowBuilder.build(app_handle, "twin", url)
        for method in (first.call, first.evaluate):
            try:
                await method("f")
            except WindowClosed as error:
                seen.append(str(error))

    async with TestApp(commands) as app:
        await app.window("main").invoke("ask_the_first")
        assert seen == ["the window `twin` is closed"] * 2


async def test_a_script_gives_what_the_test_says(commands: Commands) -> None:
    @commands.command()
    async def title(webview_window: WebviewWindow) -> Any:
        try:
            return await webview_window.evaluate("document.title")
        except RuntimeError as error:
            return str(error)

    async def say(script: str) -> str:
        return f"what {script} gives"

    async with TestApp(commands) as app:
        main = app.window("main")
        assert "a test runs no scripts" in await main.invoke("title")
        main.webview_window.evaluate.side_effect = say
        assert await main.invoke("title") == "what document.title gives"


async def test_numbers_of_numpy_are_numbers_in_events(commands: Commands) -> None:
    @commands.command()
    async def tell(app_handle: AppHandle, ctx: CallContext) -> None:
        Emitter.emit(app_handle, "told", Anything(value=np.int64(5)))
        ctx.emit("told", Anything(value=[np.float32(0.5)]))

    async with TestApp(commands) as app:
        await app.window("main").invoke("tell")
        assert [it.payload["value"] for it in app.emitted] == [5, [0.5]]
