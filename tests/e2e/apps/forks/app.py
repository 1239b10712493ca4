"""Test app: commands that fork, in each executor."""

import os
import sys
from pathlib import Path
from typing import Any

from acts import ACTS, LATER, ignored, refusals
from pydantic import BaseModel

import transom
from transom import (
    AppHandle,
    CallContext,
    Commands,
    Emitter,
    EventTarget,
    Listener,
    Manager,
    WebviewUrl,
)
from transom.ipc import JavaScriptChannelId
from transom.webview import WebviewWindow

HERE = Path(__file__).parent
commands = Commands()
AT_START = ignored(None)


class Note(BaseModel):
    text: str = "a"


@commands.command()
async def ping() -> str:
    return "pong"


@commands.command()
async def ignored_at_start() -> int:
    return AT_START


@commands.command()
async def pid() -> int:
    return os.getpid()


@commands.command(executor="process")
def worker_pid() -> int:
    return os.getpid()


@commands.command()
def in_thread(body: str, ctx: CallContext) -> Any:
    return ACTS[body](ctx)


@commands.command()
async def on_loop(body: str, ctx: CallContext) -> Any:
    if body in LATER:
        return await LATER[body](ctx)
    return ACTS[body](ctx)


@commands.command(executor="process")
def in_worker(body: str, ctx: CallContext) -> Any:
    return ACTS[body](ctx)


@commands.command(executor="process")
async def on_loop_of_worker(body: str, ctx: CallContext) -> Any:
    if body in LATER:
        return await LATER[body](ctx)
    return ACTS[body](ctx)


@commands.command()
def refused(
    body: JavaScriptChannelId[Any],
    ctx: CallContext,
    app_handle: AppHandle,
    webview_window: WebviewWindow,
) -> list[str]:
    window, app, channel = webview_window, app_handle, body.channel_on(ctx)
    exiting, host = app.exit, ctx._call
    return refusals(
        {
            "exit": lambda: app.exit(5),
            "bound": lambda: exiting(5),
            "calls": app.calls,
            "workers": app.workers,
            "cancel": lambda: app.cancel(ctx.id),
            "config": app.config,
            "main thread": lambda: app.run_on_main_thread(ping),
            "metrics": transom.metrics,
            "label": window.label,
            "title": lambda: window.set_title("forked"),
            "close": window.close,
            "eval": lambda: window.eval("1"),
            "page": lambda: window.call("f"),
            "blocking page": lambda: window.blocking_call("f"),
            "window": lambda: Manager.get_webview_window(app, "main"),
            "windows": lambda: Manager.webview_windows(app),
            "path": lambda: Manager.path(app),
            "state": lambda: Manager.try_state(app, Note),
            "build": lambda: WebviewWindow(app, "second", WebviewUrl.App("index.html")),
            "emit": lambda: Emitter.emit(app, "note", Note()),
            "emit_str_to": lambda: Emitter.emit_str_to(app, EventTarget.App(), "note", "1"),
            "listen": lambda: Listener.listen(app, "note", print),
            "unlisten": lambda: Listener.unlisten(app, 1),
            "channel": lambda: channel.send("1"),
            "channel on": lambda: body.channel_on(ctx),
            "check": ctx.check,
            "cancelled": lambda: ctx.cancelled,
            "progress": lambda: ctx.progress(1),
            "track": lambda: next(iter(ctx.track([1]))),
            "shield": lambda: ctx.shield().__enter__(),
            "ctx.emit": lambda: ctx.emit("note", Note()),
            "resolve": lambda: host.resolve_json("1"),
            "register": lambda: commands.command("new")(ping),
            "builder": transom.builder_factory,
            "context": lambda: transom.context_factory(HERE),
        }
    )


@commands.command(executor="process")
def refused_in_worker(body: JavaScriptChannelId[Any], ctx: CallContext) -> list[str]:
    channel = body.channel_on(ctx)
    return refusals(
        {
            "channel": lambda: channel.send("1"),
            "check": ctx.check,
            "cancelled": lambda: ctx.cancelled,
            "progress": lambda: ctx.progress(1),
            "track": lambda: next(iter(ctx.track([1]))),
            "shield": lambda: ctx.shield().__enter__(),
            "emit": lambda: ctx.emit("note", Note()),
            "metrics": transom.metrics,
        }
    )


if __name__ == "__main__":
    backend = os.environ.get("BACKEND")
    options = {} if backend else None
    sys.exit(transom.run(commands, HERE, backend=backend or "asyncio", backend_options=options))
