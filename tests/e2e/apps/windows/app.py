"""Test app: commands make windows and inspect them; a handler keeps a window open."""

import asyncio
import inspect
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio

import transom
from transom import (
    AppHandle,
    Commands,
    CursorIcon,
    Listener,
    Manager,
    Position,
    Size,
    WebviewUrl,
    WindowEvent,
)
from transom.image import Image
from transom.ipc import JavaScriptChannelId
from transom.menu import ContextMenu, Menu
from transom.webview import Webview, WebviewWindow, WebviewWindowBuilder
from transom.window import ProgressBarState, TitleBarStyle, Window

commands = Commands()
asked: list[str] = []


@commands.command()
async def open_window(body: str, app_handle: AppHandle) -> None:
    WebviewWindowBuilder.build(app_handle, body, WebviewUrl.App("index.html"), title=body.upper())


@commands.command()
def open_from_thread(body: str, app_handle: AppHandle) -> None:
    WebviewWindow(app_handle, body, WebviewUrl.App("index.html"))


@commands.command()
async def labels(app_handle: AppHandle) -> list[str]:
    return sorted(Manager.webview_windows(app_handle))


@commands.command()
async def find(body: str, app_handle: AppHandle) -> str | None:
    window = Manager.get_webview_window(app_handle, body)
    return window.label() if window else None


async def becomes(probe: Callable[[], bool]) -> bool:
    """The window system does what it was asked to some time later."""
    with anyio.move_on_after(120.0):
        while not probe():  # noqa: ASYNC110 - nothing tells when
            await anyio.sleep(0.01)
        return True
    return False


@commands.command()
async def change(webview_window: WebviewWindow) -> list[bool]:
    webview_window.set_title("changed")
    titled = await becomes(lambda: webview_window.title() == "changed")
    webview_window.hide()
    hidden = await becomes(lambda: not webview_window.is_visible())
    webview_window.show()
    return [titled, hidden, await becomes(webview_window.is_visible)]


@commands.command()
async def close_me(webview_window: WebviewWindow) -> None:
    webview_window.close()


@commands.command()
async def close_label(body: str, app_handle: AppHandle) -> bool:
    window = Manager.get_webview_window(app_handle, body)
    if window is not None:
        window.close()
    return window is not None


@commands.command()
async def destroy_label(body: str, app_handle: AppHandle) -> bool:
    window = Manager.get_webview_window(app_handle, body)
    if window is not None:
        window.destroy()
    return window is not None


ARGUMENTS: list[tuple[Any, ...]] = [
    (),
    (True,),
    (1.0,),
    ("tauri://localhost/",),
    (print,),
    (None,),
    (1.0, 1.0),
    (CursorIcon.Default,),
    (Position.Physical((1, 1)),),
    (Size.Physical((100, 100)),),
    (ProgressBarState(),),
    (TitleBarStyle.Visible,),
    ({"key": "a", "value": "b"},),
    (int,),
]
"""For each method there is one that fits, or a menu does."""


def outcome(window: WebviewWindow | Webview | Window, name: str) -> str:
    menu = Menu(Manager.app_handle(window))
    menus = [(Image(bytes(4), 1, 1),), (menu,), (menu, Position.Physical((1, 1)))]
    for arguments in [*ARGUMENTS, *menus]:
        try:
            value = getattr(window, name)(*arguments)
            return repr(asyncio.run(value) if inspect.iscoroutine(value) else value)
        except TypeError:
            continue
        except Exception as error:  # noqa: BLE001 - what it raises is the outcome
            return type(error).__name__
    return "nothing fits"


def listening(window: WebviewWindow, name: str) -> str:
    try:
        return repr(getattr(Listener, name)(window, "any-event", print))
    except Exception as error:  # noqa: BLE001 - what it raises is the outcome
        return type(error).__name__


@commands.command()
def ask_the_gone(body: bool, app_handle: AppHandle) -> dict[str, str]:
    """How each method of a window ends that is gone; `body`: its label is another's again."""
    url = WebviewUrl.App("index.html")
    window = WebviewWindowBuilder.build(app_handle, "gone", url)
    page, frame = window.as_ref_webview(), window.as_ref_webview().window()
    window.destroy()
    while Manager.get_webview_window(app_handle, "gone") is not None:
        time.sleep(0.01)
    if body:
        WebviewWindowBuilder.build(app_handle, "gone", url)
    asked = {
        prefix + name: outcome(it, name)
        for prefix, it in (("", window), ("page.", page), ("frame.", frame))
        for name in dir(it)
        if not name.startswith("_")
    }
    menu, channel = Menu(app_handle), JavaScriptChannelId.from_str("__CHANNEL__:1")
    for name, act in {
        "popup": lambda: ContextMenu.popup(menu, frame),
        "set_as_window_menu": lambda: menu.set_as_window_menu(frame),
        "channel_on": lambda: channel.channel_on(page),
    }.items():
        try:
            asked[name] = repr(act())
        except Exception as error:  # noqa: BLE001 - what it raises is the outcome
            asked[name] = type(error).__name__
    ways = ("listen", "once", "listen_any", "once_any")
    return asked | {name: listening(window, name) for name in ways}


@commands.command()
async def ask_before_close(body: str, app_handle: AppHandle) -> None:
    """The first request to close the window is turned down by a handler that takes its time."""
    window = Manager.get_webview_window(app_handle, body)
    assert window is not None

    async def on_event(event: WindowEvent) -> None:
        if isinstance(event, WindowEvent.CloseRequested):
            await anyio.sleep(0.05)
            asked.append(body)
            if asked.count(body) == 1:
                event.api.prevent_close()

    window.on_window_event(on_event)


@commands.command("asked")
async def read_asked() -> list[str]:
    return asked


@commands.command()
async def tick(body: int) -> int:
    return body


if __name__ == "__main__":
    sys.exit(transom.run(commands, Path(__file__).parent))
