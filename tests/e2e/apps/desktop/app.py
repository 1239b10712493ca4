"""An app for a whole desktop: a tray icon, a menu, dialogs, notifications, a shortcut."""

import asyncio
import sys
from pathlib import Path
from typing import Any

from anyio.from_thread import start_blocking_portal

from transom import AppHandle, Commands, Manager, builder_factory, context_factory
from transom.image import Image
from transom.menu import CheckMenuItem, Menu, MenuItem
from transom.plugins import dialog, global_shortcut, notification
from transom.plugins.dialog import DialogExt, MessageDialogButtons
from transom.plugins.notification import NotificationExt
from transom.tray import TrayIcon, has_host
from transom.webview import WebviewWindow

HERE = Path(__file__).parent
commands = Commands()
told: list[str] = []
TEAL = Image(bytes([0, 128, 128, 255]) * 1024, 32, 32)


@commands.command()
async def take_told() -> list[str]:
    before = told[:]
    told.clear()
    return before


@commands.command()
async def host() -> bool:
    return has_host()


@commands.command()
async def show_tray(body: str, app_handle: AppHandle) -> None:
    """Shows the tray icon `tray`; what is chosen in its menu is told with the text `body`."""
    app = app_handle.app

    def hide(_: MenuItem) -> None:
        window = Manager.get_webview_window(app, "main")
        assert window is not None
        if window.is_visible():
            window.hide()
        else:
            window.show()
            window.set_focus()
        told.append(f"{body}: {window.is_visible()}")

    def muted(item: CheckMenuItem) -> None:
        told.append(f"{body}: muted {item.is_checked()}")

    async def later(item: MenuItem) -> None:
        await asyncio.sleep(0)
        told.append(f"{body}: {item.text()}")

    def fail(_: MenuItem) -> None:
        raise ZeroDivisionError("of a tray icon")

    items: list[Any] = [
        {"text": "Show or hide", "on_click": hide},
        {"text": "Mute", "checked": False, "on_click": muted},
        {"text": "Later", "on_click": later},
        "separator",
        {"text": "Fail", "on_click": fail},
        {"text": "Quit", "on_click": lambda _: app.exit(4)},
    ]
    menu = Menu.from_description(app, items)
    TrayIcon.with_id(app, "tray", icon=TEAL, menu=menu, tooltip="Tray")


@commands.command()
async def remove_tray(app_handle: AppHandle) -> bool:
    return app_handle.remove_tray_by_id("tray") is not None


@commands.command()
async def popup(webview_window: WebviewWindow) -> None:
    Menu.from_description(webview_window, [{"text": "A"}, {"text": "B"}]).popup(webview_window)


@commands.command()
async def ask(body: str, app_handle: AppHandle) -> bool:
    message = DialogExt.message(app_handle, "Are you sure?")
    return await message.show_async(title=body, buttons=MessageDialogButtons.YesNo())


@commands.command()
async def pick(body: str, app_handle: AppHandle) -> object:
    """Has the user pick; `body` is the title, and says what."""
    files = DialogExt.file(app_handle)
    of_folder: Any = {"set_title": body, "set_directory": HERE}
    if body == "one-file":
        return str(await files.pick_file_async(**of_folder))
    if body == "some-files":
        return [str(it) for it in await files.pick_files_async(**of_folder) or []]
    return str(await files.pick_folder_async(**of_folder))


@commands.command()
async def notify(body: str, app_handle: AppHandle) -> None:
    NotificationExt.builder(app_handle).show(title=body, body="All of it & more", icon="info")


if __name__ == "__main__":
    with start_blocking_portal("asyncio") as portal:
        built = builder_factory().build(
            context=context_factory(HERE),
            invoke_handler=commands.generate_handler(portal),
            plugins=[dialog.init(), global_shortcut.Builder.build(), notification.init()],
        )
        code = built.run_return()
    print("ended with", code)
    sys.exit(code)
