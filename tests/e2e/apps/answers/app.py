"""Test app: handlers whose answer the window waits for."""

import sys
import threading
from pathlib import Path
from typing import Any

import anyio

import transom
from transom import (
    AppHandle,
    Commands,
    Emitter,
    Event,
    Listener,
    Manager,
    WebviewUrl,
    WindowEvent,
)
from transom.webview import WebviewWindow, WebviewWindowBuilder

commands = Commands()
seen: list[str] = []
gates = [threading.Event()]
"""The last one is that of the handlers that wait now."""
HERE = Path(__file__).parent
DOCS = "https://docs.invalid/*"


def window_of(app: AppHandle, label: str) -> WebviewWindow:
    window = Manager.get_webview_window(app, label)
    assert window is not None
    return window


@commands.command("seen")
async def read_seen() -> list[str]:
    return seen


@commands.command()
async def tick(body: int) -> int:
    return body


@commands.command()
async def close(body: str, app_handle: AppHandle) -> None:
    window_of(app_handle, body).close()


@commands.command()
async def handle_closing(body: dict[str, str], app_handle: AppHandle) -> None:
    """Adds one of the handlers below to a window."""
    window = window_of(app_handle, body["label"])

    async def ask_the_user(event: WindowEvent) -> None:
        if isinstance(event, WindowEvent.CloseRequested):
            event.api.prevent_close()
            seen.append("asked")
            if await window.call("mayClose", timeout=60.0):
                window.destroy()

    async def save(event: WindowEvent) -> None:
        if isinstance(event, WindowEvent.CloseRequested):
            seen.append(await window.call("draft"))

    def sleep(event: WindowEvent) -> None:
        if isinstance(event, WindowEvent.CloseRequested):
            gate = gates[-1]
            seen.append("asleep")
            gate.wait(600)
            seen.append("awake")
            event.api.prevent_close()

    def keep(event: WindowEvent) -> None:
        if isinstance(event, WindowEvent.CloseRequested):
            seen.append("kept")
            event.api.prevent_close()

    def fail(event: WindowEvent) -> None:
        if isinstance(event, WindowEvent.CloseRequested):
            seen.append("failed")
            sys.exit("a handler must not end the app")

    async def keep_later(event: WindowEvent) -> None:
        keep(event)

    async def fail_later(event: WindowEvent) -> None:
        await anyio.sleep(0.01)
        fail(event)

    handlers: dict[str, Any] = {
        "ask": ask_the_user,
        "save": save,
        "sleep": sleep,
        "keep": keep,
        "keep later": keep_later,
        "fail": fail,
        "fail later": fail_later,
    }
    window.on_window_event(handlers[body["handler"]])


@commands.command()
async def hold_up(app_handle: AppHandle) -> None:
    """Has a plain handler wait until `let_go`."""

    def wait(_: Event) -> None:
        gate = gates[-1]
        seen.append("held up")
        gate.wait(600)

    Listener.listen(app_handle, "hold-up", wait)
    Emitter.emit_str(app_handle, "hold-up", "null")


@commands.command()
async def let_go() -> None:
    """Lets go of the handlers that wait."""
    gates.append(threading.Event())
    gates[-2].set()


@commands.command()
async def listen_to_closing(body: str, app_handle: AppHandle) -> None:
    def hear(_: Event) -> None:
        seen.append("heard")

    Listener.listen(window_of(app_handle, body), "tauri://close-requested", hear)


def slow(_: str) -> bool:
    gate = gates[-1]
    seen.append("slow")
    gate.wait(600)
    return True


async def slow_later(_: str) -> bool:
    gate = gates[-1]
    while not gate.is_set():  # noqa: ASYNC110 - another thread's
        await anyio.sleep(0.01)
    return True


def raising(_: str) -> bool:
    seen.append("raising")
    raise LookupError("no answer")


async def by_name(url: str) -> bool:
    return "yes" in url


@commands.command()
async def open_window(body: dict[str, str], app_handle: AppHandle) -> None:
    rules: dict[str, dict[str, Any]] = {
        "none": {},
        "globs": {"allow_navigation": [DOCS], "allow_new_window": [DOCS]},
        "by name": {"on_new_window": by_name},
        "slow": {"on_new_window": slow, "on_navigation": slow},
        "slow later": {"on_new_window": slow_later},
        "raising": {"on_new_window": raising},
    }
    url = WebviewUrl.App("index.html")
    WebviewWindowBuilder.build(app_handle, body["label"], url, **rules[body["rules"]])


if __name__ == "__main__":
    sys.exit(transom.run(commands, HERE))
