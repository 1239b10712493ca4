"""Test app: tries what a command may reach, one thing by name."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
from pydantic import BaseModel

import transom
from transom import (
    AppHandle,
    CallContext,
    Commands,
    Emitter,
    Event,
    EventTarget,
    Listener,
    Manager,
    WebviewUrl,
    WebviewWindow,
)
from transom.webview import WebviewWindowBuilder

commands = Commands()
kept: dict[str, tuple[AppHandle, WebviewWindow, CallContext]] = {}
heard: list[str] = []


class Ask(BaseModel):
    """What to do, to what, and with whose handle (default: the caller's)."""

    what: str
    label: str = ""
    of: str | None = None


class Note(BaseModel):
    text: str


def hear(event: Event) -> None:
    heard.append(Note.model_validate_json(event.payload).text)


def open_window(app: AppHandle, label: str) -> str:
    url = WebviewUrl.App("index.html")
    return WebviewWindowBuilder.build(app, label, url, visible=False).label()


def find(app: AppHandle | WebviewWindow, label: str) -> str | None:
    window = Manager.get_webview_window(app, label)
    return window and window.label()


def destroy(app: AppHandle, label: str) -> None:
    window = Manager.get_webview_window(app, label)
    assert window is not None
    window.destroy()


def through_another(app: AppHandle, label: str) -> str | None:
    window = Manager.get_webview_window(app, "main")
    assert window is not None
    return find(window, label)


WAYS: dict[str, Callable[[AppHandle, WebviewWindow, CallContext, str], Any]] = {
    "find": lambda app, own, ctx, label: find(app, label),
    "find by window": lambda app, own, ctx, label: find(own, label),
    "find by the window's handle": lambda app, own, ctx, label: find(
        Manager.app_handle(own), label
    ),
    "find by another window": lambda app, own, ctx, label: through_another(app, label),
    "list": lambda app, own, ctx, label: sorted(Manager.webview_windows(app)),
    "open": lambda app, own, ctx, label: open_window(app, label),
    "open by class": lambda app, own, ctx, label: WebviewWindow(
        app, label, WebviewUrl.App("index.html"), visible=False
    ).label(),
    "open by config": lambda app, own, ctx, label: WebviewWindowBuilder.from_config(
        app, {"label": label, "visible": False}
    ).label(),
    "app": lambda app, own, ctx, label: app.app is Manager.app_handle(app.app),
    "same": lambda app, own, ctx, label: Manager.app_handle(own) is Manager.app_handle(app) is app,
    "emit": lambda app, own, ctx, label: Emitter.emit(app, "note", Note(text="emit")),
    "emit by window": lambda app, own, ctx, label: Emitter.emit(own, "note", Note(text="emit")),
    "emit to label": lambda app, own, ctx, label: Emitter.emit_to(
        app, EventTarget.AnyLabel(label), "note", Note(text="to")
    ),
    "emit to window": lambda app, own, ctx, label: Emitter.emit_str_to(
        app, EventTarget.WebviewWindow(label), "note", '{"text": "to"}'
    ),
    "emit to any": lambda app, own, ctx, label: Emitter.emit_to(
        app, EventTarget.Any(), "note", Note(text="any")
    ),
    "emit to app": lambda app, own, ctx, label: Emitter.emit_to(
        app, EventTarget.App(), "note", Note(text="app")
    ),
    "emit filter": lambda app, own, ctx, label: Emitter.emit_filter(
        app, "note", Note(text="filter"), lambda _: True
    ),
    "ctx.emit": lambda app, own, ctx, label: ctx.emit("note", Note(text="own")),
    "listen": lambda app, own, ctx, label: Listener.listen(app, "note", hear),
    "listen any": lambda app, own, ctx, label: Listener.listen_any(app, "note", hear),
    "theme": lambda app, own, ctx, label: app.set_theme(None),
    "calls": lambda app, own, ctx, label: sorted({call.window for call in app.calls()}),
    "cancel": lambda app, own, ctx, label: [
        app.cancel(call.id)
        for call in whole.calls()
        if (call.command, call.window) == ("wait", label)
    ],
    "destroy": lambda app, own, ctx, label: destroy(app, label),
    "title": lambda app, own, ctx, label: own.title(),
    "config": lambda app, own, ctx, label: app.config()["identifier"],
    "exit": lambda app, own, ctx, label: app.exit(9),
    "run": lambda app, own, ctx, label: app.run_on_main_thread(lambda: None),
    "monitors": lambda app, own, ctx, label: len(app.available_monitors()),
    "manage": lambda app, own, ctx, label: Manager.try_state(app, Note) is None,
}


@commands.command()
async def do(
    body: Ask, app_handle: AppHandle, webview_window: WebviewWindow, ctx: CallContext
) -> Any:
    app, own, context = kept[body.of] if body.of else (app_handle, webview_window, ctx)
    try:
        return WAYS[body.what](app, own, context, body.label)
    except Exception as error:  # noqa: BLE001 - shown to the test
        return f"{type(error).__name__}: {error}"


@commands.command()
async def keep(app_handle: AppHandle, webview_window: WebviewWindow, ctx: CallContext) -> None:
    kept[webview_window.label()] = (app_handle, webview_window, ctx)


@commands.command()
def heard_by_python() -> list[str]:
    return heard


@commands.command(executor="process")
def emit_in_worker(body: int, ctx: CallContext) -> None:
    for number in range(body):
        ctx.emit("note", Note(text=f"worker {number}"))


@commands.command(executor="process")
async def emit_on_the_loop_of_a_worker(body: int, ctx: CallContext) -> None:
    emit_in_worker(body, ctx)


@commands.command()
async def wait() -> None:
    await anyio.sleep_forever()


def set_up(app: AppHandle) -> None:
    global whole
    whole = app


if __name__ == "__main__":
    sys.exit(transom.run(commands, Path(__file__).parent, setup=set_up))
