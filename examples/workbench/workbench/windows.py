"""Makes and closes windows at run time."""

import logging

from transom import AppHandle, Emitter, EventTarget, Manager, WindowEvent, WindowEventType
from transom.errors import PageError, WindowClosed
from transom.webview import WebviewUrl, WebviewWindow, WebviewWindowBuilder

from .desk import Desk, Sheet
from .models import FolderChanged

ANSWER_TIMEOUT = 600.0
"""Seconds a user may think about unsaved changes; then the window stays open."""

logger = logging.getLogger(__name__)


def open_editor(app_handle: AppHandle, desk: Desk, name: str) -> None:
    """Bring the editor of a document forward; make it if there is none."""
    sheet = desk.showing(name)
    if sheet and (window := Manager.get_webview_window(app_handle, sheet.label)):
        window.set_focus()
        return
    sheet = desk.lay(name)
    try:
        window = WebviewWindowBuilder.build(
            app_handle,
            sheet.label,
            WebviewUrl.App("editor.html"),
            title=name,
            inner_size=(840, 720),
            min_inner_size=(460, 360),
        )
    except BaseException:
        desk.remove(sheet.label)
        raise
    _guard_editor(window, desk, sheet)


def show_tasks(app_handle: AppHandle) -> None:
    """Bring the tasks window forward; make it again if it was closed."""
    if window := Manager.get_webview_window(app_handle, "tasks"):
        window.show()
        window.set_focus()
        return
    WebviewWindowBuilder.build(
        app_handle,
        "tasks",
        WebviewUrl.App("tasks.html"),
        title="Tasks",
        inner_size=(560, 640),
        min_inner_size=(420, 300),
    )


def tell_main(window: AppHandle | WebviewWindow, change: FolderChanged) -> None:
    """Let the main window know that its list is out of date."""
    Emitter.emit_to(window, EventTarget.WebviewWindow("main"), "folder-changed", change)


def guard_main(app_handle: AppHandle) -> None:
    """Make closing the main window quit the app, unless an editor wants to stay."""
    window = Manager.get_webview_window(app_handle, "main")
    if window is None:
        raise RuntimeError("Tauri.toml must define a window labelled “main”")

    async def on_event(event: WindowEventType) -> None:
        if not isinstance(event, WindowEvent.CloseRequested):
            return
        event.api.prevent_close()
        if await _close_editors(app_handle):
            app_handle.exit(0)

    window.on_window_event(on_event)


async def _close_editors(app_handle: AppHandle) -> bool:
    desk = Manager.state(app_handle, Desk)
    for sheet in desk.sheets():
        window = Manager.get_webview_window(app_handle, sheet.label)
        if window is None:
            continue
        if not await _may_close(window, sheet):
            return False
        window.destroy()
    return True


def _guard_editor(window: WebviewWindow, desk: Desk, sheet: Sheet) -> None:
    async def on_event(event: WindowEventType) -> None:
        if isinstance(event, WindowEvent.CloseRequested):
            if sheet.unsaved:
                # Prevented at once: the answer may take longer than the handler is waited for.
                event.api.prevent_close()
                if await _may_close(window, sheet):
                    window.destroy()
        elif isinstance(event, WindowEvent.Destroyed):
            desk.remove(sheet.label)
            tell_main(window, FolderChanged(name=sheet.name, change="closed"))

    window.on_window_event(on_event)


async def _may_close(window: WebviewWindow, sheet: Sheet) -> bool:
    """Ask the page, once at a time; a page that cannot answer has nothing left to lose."""
    if not sheet.unsaved:
        return True
    if sheet.asking:
        return False
    sheet.asking = True
    try:
        window.set_focus()
        answer = await window.call("confirmClose", sheet.name, timeout=ANSWER_TIMEOUT)
    except TimeoutError:
        return False
    except (PageError, WindowClosed):
        logger.exception("%s could not be asked about its unsaved changes", sheet.label)
        return True
    finally:
        sheet.asking = False
    return answer == "close"
