"""Describes `AppHandle`, by which every thread can use the running app."""

import sys
from collections.abc import Callable
from typing import Any, Never, final

from ..._observe.calls import CallInfo
from ..._observe.workers import Worker
from ..._windows.events import TrayIconEventType
from .._desktop.image import Image
from .._desktop.menu import Menu, Subscription
from .._desktop.tray import TrayIcon
from .._desktop.values import Monitor, Theme
from .._plugins import Plugin

@final
class AppHandle:
    """The running app, usable from every thread.

    The one that setup, callbacks and `App.handle()` give is the same object everywhere. The one
    that a command asks for is bound to the window that called: it reaches that window and those
    that the `{"window": …}` entries of its capabilities grant (every window, with
    `transom:default`). Beyond them it raises `PermissionError`, and once the window is closed
    every method raises `WindowClosed`. `exit`, `restart` and the like concern the app in any case.

    What fails in Tauri raises `RuntimeError`.
    """

    @property
    def app(self) -> AppHandle:
        """The handle that no window bounds: for what goes on when the window has closed.

        `PermissionError` where this handle may not reach every window.
        """

    def calls(self) -> list[CallInfo]:
        """The calls within reach whose work has not ended, oldest first."""

    def cancel(self, call_id: int, /) -> bool:
        """Cancel a call. `False`: it has ended, or is being cancelled.

        `PermissionError` for a call of a window beyond reach.
        """

    def workers(self) -> list[Worker]:
        """The worker processes, by pool and oldest first; `worker.kill()` ends one.

        `PermissionError` unless every window is within reach: they run the calls of all.
        """

    def run_on_main_thread(self, f: Callable[[], object], /) -> None:
        """Run `f()` on the UI thread; return at once. The UI stands still while `f` runs.

        `ValueError` for an `async def`, which nobody would await, and for one that takes arguments.
        """

    def exit(self, exit_code: int, /) -> None:
        """Ask the app to exit; `run_return` gives `exit_code` back."""

    def restart(self) -> Never:
        """Ask the app to exit and start again; do not return.

        Where the program is a Python interpreter, `SystemExit` is raised, and the app starts once
        the process has ended. `RuntimeError`: it cannot start again, or has ended.
        """

    def request_restart(self) -> None:
        """Ask the app to exit and start again; return at once.

        `RuntimeError`: it cannot start again, or has ended.
        """

    def config(self) -> dict[str, Any]:
        """The configuration, as in `tauri.conf.json` with every default filled in."""

    def primary_monitor(self) -> Monitor | None: ...
    def monitor_from_point(self, x: float, y: float, /) -> Monitor | None: ...
    def available_monitors(self) -> list[Monitor]: ...
    def cursor_position(self) -> tuple[float, float]: ...
    def set_theme(self, theme: Theme | None, /) -> None:
        """Set the theme of every window; `None` follows the system.

        `PermissionError` where this handle may not reach every window.
        """

    if sys.platform == "darwin":
        def set_dock_visibility(self, visible: bool, /) -> None: ...

    def plugin(self, plugin: Plugin, /) -> None:
        """Register a plugin, which can be used at once.

        `PermissionError` where this handle may not reach every window; `RuntimeError` if the plugin
        was registered before or does not start.
        """

    def remove_plugin(self, plugin: str, /) -> bool:
        """Remove a plugin by Tauri's name of it, as `"clipboard-manager"`. `False`: there is none.

        `PermissionError` where this handle may not reach every window; `ValueError` for the plugins
        of Transom itself.
        """

    def default_window_icon(self) -> Image | None:
        """The icon of windows that have none of their own."""

    def on_menu_event(self, handler: Callable[[AppHandle, str], object], /) -> Subscription:
        """Call `handler(app_handle, id)` off the UI thread when an item of any menu is chosen.

        An `async def` runs on the portal. It is called until it is removed, and of a command's
        handle until the window closes. This and what follows raises `PermissionError` unless every
        window is within reach.
        """

    def menu(self) -> Menu | None:
        """The menu of the app: of all windows that have none of their own."""

    def set_menu(self, menu: Menu, /) -> Menu | None:
        """Set the menu of the app; gives the one before."""

    def remove_menu(self) -> Menu | None:
        """Remove the menu of the app; gives it."""

    def hide_menu(self) -> None: ...
    def show_menu(self) -> None: ...
    def on_tray_icon_event(
        self, handler: Callable[[AppHandle, TrayIconEventType], object], /
    ) -> Subscription:
        """Call `handler(app_handle, event)` off the UI thread for the events of all tray icons."""

    def tray_by_id(self, id: str, /) -> TrayIcon | None: ...
    def remove_tray_by_id(self, id: str, /) -> TrayIcon | None:
        """Remove a tray icon; gives what is left of it: its methods raise `RuntimeError`."""

    def cleanup_before_exit(self) -> None:
        """Free what the app would leave behind; called for you at exit."""

    def invoke_key(self) -> str:
        """The secret with which the pages of this app prove their calls."""
