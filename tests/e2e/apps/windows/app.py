"""Windows made from commands, asked about, and kept open by a handler."""

import sys
from pathlib import Path

import anyio

import transom
from transom import AppHandle, Commands, Manager, WebviewUrl, WindowEvent
from transom.webview import WebviewWindow, WebviewWindowBuilder

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


@commands.command()
async def change(webview_window: WebviewWindow) -> tuple[str, bool]:
    webview_window.set_title("changed")
    webview_window.hide()
    hidden = not webview_window.is_visible()
    webview_window.show()
    return webview_window.title(), hidden


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
