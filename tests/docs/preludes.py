"""Provides what code fragments in the documents assume: names, commands, and a running app."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any

import anyio
import numpy as np
import pytest
from pages import ROOT
from pydantic import BaseModel

import transom
import transom.ipc
import transom.testing
import transom.webview
from transom import AppHandle, CallContext, Commands, Emitter, State
from transom.ipc import Headers, JavaScriptChannelId
from transom.menu import Menu
from transom.plugins.dialog import DialogExt, MessageDialogButtons
from transom.testing import TestApp, TestWindow
from transom.tray import TrayIcon
from transom.webview import WebviewWindow

Namespace = dict[str, Any]


def common() -> Namespace:
    """The names of the public modules, and those that every program has."""
    names: Namespace = {}
    for module in (transom, transom.ipc, transom.webview, transom.testing):
        names |= {name: getattr(module, name) for name in module.__all__}
    return names | {
        "AsyncIterator": AsyncIterator,
        "BaseModel": BaseModel,
        "Iterator": Iterator,
        "Path": Path,
        "__file__": str(ROOT / "app.py"),
        "anyio": anyio,
        "np": np,
        "pytest": pytest,
        "sys": sys,
        "transom": transom,
    }


@asynccontextmanager
async def running(page: Path, names: Namespace) -> AsyncIterator[Namespace]:
    """A namespace in which the fragments of a page run, with an app and its window."""
    commands = Commands()
    prepare = PAGES.get(page.name)
    before = None if prepare is None else prepare(commands)
    async with TestApp(commands) as app:
        main = app.window("main")
        # What a fragment registers is its own: the running app does not know it.
        found = common() | names | {"commands": Commands(), "app": app, "main": main}
        found |= {"app_handle": main.app_handle, "webview_window": main.webview_window}
        if before is not None:
            found |= await before(app, main)
        yield found


class Query(BaseModel):
    field: str
    text: str


class Draft(BaseModel):
    doc: str
    text: str


class Database:
    def __init__(self, name: str) -> None:
        self.name = name


class Line(BaseModel):
    text: str


class Follow(BaseModel):
    path: str
    channel: JavaScriptChannelId[Line]


class Saved(BaseModel):
    name: str


Before = Callable[[TestApp, TestWindow], Awaitable[Namespace]]


def of_commands(_commands: Commands) -> Before:
    async def before(_app: TestApp, _main: TestWindow) -> Namespace:
        return {"Query": Query, "Draft": Draft, "WORDS": ["to", "be"], "HASHES": set[str]()}

    return before


def of_cancels(_commands: Commands) -> Before:
    async def before(_app: TestApp, _main: TestWindow) -> Namespace:
        return {"search": sorted, "save_what_was_found": lambda: None}

    return before


def of_windows(_commands: Commands) -> Before:
    async def before(_app: TestApp, _main: TestWindow) -> Namespace:
        return {"Follow": Follow, "Line": Line}

    return before


def of_metrics(commands: Commands) -> Before:
    @commands.command()
    async def render() -> None: ...

    async def before(app: TestApp, main: TestWindow) -> Namespace:
        await main.invoke("render")
        return {"transom": SimpleNamespace(metrics=app.metrics)}

    return before


def of_tests(commands: Commands) -> Before:
    @commands.command()
    def flip(body: bytes) -> bytes:
        return body[::-1]

    @commands.command()
    async def ping() -> None: ...

    @commands.command()
    async def render(body: dict[str, int], headers: Headers, ctx: CallContext) -> int:
        assert (b"x-trace", b"7") in headers
        ctx.progress(1)
        return body["width"]

    @commands.command()
    async def analyse(body: str) -> None:
        assert body == "report.csv"
        await anyio.sleep_forever()

    @commands.command()
    def rows(body: int) -> Iterator[dict[str, int]]:
        for number in range(body):
            yield {"id": number}

    @commands.command(on_close="detach")
    async def export(body: str, ctx: CallContext) -> str:
        assert body == "report.pdf"
        ctx.progress(0)
        await anyio.sleep(0.05)
        return "exported"

    @commands.command()
    async def save(
        body: str,
        app_handle: AppHandle,
        webview_window: WebviewWindow,
        database: Annotated[Database, State()],
    ) -> None:
        assert database.name == ":memory:"
        if await webview_window.call("confirm", body):
            webview_window.set_title(body)
            Emitter.emit(app_handle, "saved", Saved(name=body))

    @commands.command()
    async def follow(body: Follow, ctx: CallContext) -> None:
        channel = body.channel.channel_on(ctx)
        for text in (body.path, "end"):
            channel.send_model(Line(text=text))

    @commands.command()
    def delete_all(app_handle: AppHandle) -> str:
        message = DialogExt.message(app_handle, "Are you sure?")
        return "deleted" if message.blocking_show(buttons=MessageDialogButtons.YesNo()) else "kept"

    @commands.command()
    def show_menus(webview_window: WebviewWindow) -> None:
        save = {"text": "Save", "id": "save", "accelerator": "CmdOrCtrl+S"}
        items: Any = [{"text": "File", "id": "file", "items": [save]}]
        edit: Any = {"text": "Edit", "items": [{"text": "Wrap", "checked": False}]}
        menu = Menu.from_description(webview_window, [*items, edit])
        menu.set_as_app_menu()
        Menu.from_description(webview_window, [{"text": "Rename"}]).popup(webview_window)
        quits = Menu.from_description(webview_window, [{"text": "Quit", "id": "quit"}])
        TrayIcon.with_id(webview_window, "main", menu=quits)

    async def before(_app: TestApp, main: TestWindow) -> Namespace:
        await main.invoke("show_menus")
        return {"Database": Database, "told": []}

    return before


PAGES: dict[str, Callable[[Commands], Before]] = {
    "commands.md": of_commands,
    "observability.md": of_metrics,
    "progress-and-cancel.md": of_cancels,
    "testing.md": of_tests,
    "windows.md": of_windows,
}
