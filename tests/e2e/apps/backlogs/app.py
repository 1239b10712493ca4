"""Test app: sends more than a page can take, by channels and events, from all kinds of threads."""

import json
import os
import re
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from pydantic import BaseModel

import transom
from transom import (
    AppHandle,
    CallContext,
    Commands,
    Emitter,
    Event,
    Listener,
    Manager,
    WebviewUrl,
)
from transom.ipc import Channel, JavaScriptChannelId
from transom.webview import WebviewWindow, WebviewWindowBuilder

HERE = Path(__file__).parent
STOPPED = HERE / "stopped"
"""The processes that were stopped, for the test to end: they outlive the app."""
commands = Commands()
sent: dict[str, int] = {}
"""How far each command has come."""
ended: dict[str, str] = {}
"""How each has ended."""
stopped = threading.Event()
"""A page was made to stand still."""
rendering: dict[str, list[int]] = {}
"""The processes that render each window."""


FIRST = 5
"""Messages that are sent to a page that takes them."""


class Flood(BaseModel):
    channel: JavaScriptChannelId[Any]
    count: int
    size: int = 1 << 20
    gate: bool = False
    """Whether most of it comes when a page stands still."""
    stop: str = ""
    """The window whose page is made to stand still before most of it comes."""


class Number(BaseModel):
    n: int
    rest: str = ""


def renderers() -> set[int]:
    """The web processes of this app."""
    found: set[int] = set()
    for entry in Path("/proc").iterdir():
        try:
            status = (entry / "status").read_text()
        except OSError:
            continue
        if "Name:\tWebKitWebProces" in status:
            parent = re.search(r"^PPid:\t(\d+)", status, re.MULTILINE)
            if parent and int(parent[1]) == os.getpid():
                found.add(int(entry.name))
    return found


def signal_to(window: str, number: int) -> None:
    if number == signal.SIGSTOP:
        with STOPPED.open("a") as file:
            print(*rendering[window], file=file)
    for process in rendering[window]:
        os.kill(process, number)


def flood(name: str, channel: Channel[Any], body: Flood, until: threading.Event | None) -> None:
    """Most of it when `until` is set, where it is given."""
    sent[name] = 0
    try:
        for n in range(body.count):
            if n == FIRST and until:
                until.wait(600.0)
            if n == FIRST and body.stop:
                signal_to(body.stop, signal.SIGSTOP)
            if body.size:
                channel.send(n.to_bytes(4, "big") * (body.size // 4))
            else:
                channel.send(str(n))
            sent[name] = n + 1
        ended[name] = "done"
    except BaseException as error:
        ended[name] = type(error).__name__
        raise


@commands.command()
def from_a_command(body: Flood, ctx: CallContext) -> None:
    flood(ctx.command, body.channel.channel_on(ctx), body, stopped if body.gate else None)


@commands.command()
async def on_the_loop(body: Flood, ctx: CallContext) -> None:
    flood(ctx.command, body.channel.channel_on(ctx), body, None)


@commands.command()
async def from_a_thread(body: Flood, webview_window: WebviewWindow) -> None:
    channel = body.channel.channel_on(webview_window.as_ref_webview())
    args = ("from_a_thread", channel, body, stopped)
    threading.Thread(target=flood, args=args, daemon=True).start()


@commands.command()
def from_a_callback(body: Flood, webview_window: WebviewWindow, app_handle: AppHandle) -> None:
    channel = body.channel.channel_on(webview_window.as_ref_webview())

    def callback(_: Event) -> None:
        flood("from_a_callback", channel, body, None)

    Listener.once(app_handle.app, "callback", callback)
    Emitter.emit_str(app_handle.app, "callback", "null")


@commands.command()
def by_ctx_emit(body: int, ctx: CallContext) -> None:
    for n in range(body):
        if n == FIRST:
            stopped.wait(600.0)
        ctx.emit("number", Number(n=n, rest="x" * 100_000))
        sent["by_ctx_emit"] = n + 1


@commands.command()
def to_all(body: tuple[int, int], app_handle: AppHandle) -> None:
    count, size = body
    for n in range(count):
        Emitter.emit(app_handle, "number", Number(n=n, rest="x" * size))
    ended["to_all"] = "done"


@commands.command()
async def to_all_on_the_loop(body: tuple[int, int], app_handle: AppHandle) -> None:
    to_all(body, app_handle)


class Look(BaseModel):
    sent: dict[str, int]
    ended: dict[str, str]
    memory: int
    backlogs: dict[str, tuple[int, int]]
    counters: dict[str, int]


@commands.command()
def look() -> Look:
    found = transom.metrics()
    status = Path("/proc/self/status").read_text()
    memory = re.search(r"^RssAnon:\s+(\d+) kB", status, re.MULTILINE)
    return Look(
        sent=sent,
        ended=ended,
        memory=int(memory[1]) >> 10 if memory else 0,
        backlogs={k: (w.messages, w.message_bytes) for k, w in found.windows.items()},
        counters=dict(found.counters),
    )


@commands.command()
def open_window(body: str, app_handle: AppHandle) -> None:
    before = renderers()
    WebviewWindowBuilder.build(app_handle, body, WebviewUrl.App("index.html"))
    end = time.monotonic() + 60.0
    while not (new := renderers() - before) and time.monotonic() < end:
        time.sleep(0.01)
    rendering[body] = list(new)


@commands.command()
async def stop(body: str) -> None:
    signal_to(body, signal.SIGSTOP)
    stopped.set()


@commands.command()
async def go_on(body: str) -> None:
    signal_to(body, signal.SIGCONT)


@commands.command()
async def close_window(body: str, app_handle: AppHandle) -> None:
    if window := Manager.get_webview_window(app_handle, body):
        window.destroy()


@commands.command()
async def reload_window(body: str, app_handle: AppHandle) -> None:
    if window := Manager.get_webview_window(app_handle, body):
        window.reload()


@commands.command()
async def leave(body: int, app_handle: AppHandle) -> None:
    app_handle.exit(body)


if __name__ == "__main__":
    code = transom.run(commands, HERE)
    (HERE / "end.json").write_text(json.dumps({"code": code, "ended": ended}))
    sys.exit(code)
