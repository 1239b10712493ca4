"""The running app."""

import sys
from collections.abc import Callable
from typing import Any, Never, final

from .._calls import CallInfo
from ._values import Monitor, Theme

@final
class AppHandle:
    """The running app; one object per app, usable from every thread.

    What fails in Tauri raises `RuntimeError`.
    """

    def calls(self) -> list[CallInfo]:
        """The calls whose work has not ended, oldest first."""

    def cancel(self, call_id: int, /) -> bool:
        """Cancel a call. `False`: it has ended, or is being cancelled."""

    def run_on_main_thread(self, f: Callable[[], object], /) -> None:
        """Run `f()` on the UI thread; return at once. The UI stands still while `f` runs."""

    def exit(self, exit_code: int, /) -> None:
        """Ask the app to exit; `run_return` gives `exit_code` back."""

    def restart(self) -> Never:
        """Restart the process."""

    def request_restart(self) -> None:
        """Ask the app to exit and start again; return at once."""

    def config(self) -> dict[str, Any]:
        """The configuration, as in `tauri.conf.json` with every default filled in."""

    def primary_monitor(self) -> Monitor | None: ...
    def monitor_from_point(self, x: float, y: float, /) -> Monitor | None: ...
    def available_monitors(self) -> list[Monitor]: ...
    def cursor_position(self) -> tuple[float, float]: ...
    def set_theme(self, theme: Theme | None, /) -> None:
        """Set the theme of every window; `None` follows the system."""

    if sys.platform == "darwin":
        def set_dock_visibility(self, visible: bool, /) -> None: ...

    def cleanup_before_exit(self) -> None:
        """Free what the app would leave behind; called for you at exit."""

    def invoke_key(self) -> str:
        """The secret with which the pages of this app prove their calls."""
