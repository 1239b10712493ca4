"""Describes `Plugin`, and the functions of plugins. A build has those of its own plugins only."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Literal, final

from ._app.app_handle import AppHandle
from ._app.manager import ImplManager
from ._desktop.webview_window import WebviewWindow

PLUGINS: Final[frozenset[str]]
"""The plugins of this build, by the names of their modules."""

@final
class Plugin:
    """A Tauri plugin. `Builder.build(plugins=[…])` or `AppHandle.plugin` registers it, once."""

def make_plugin(name: str, /) -> Plugin: ...
def make_page_script(script: str, /) -> Plugin:
    """Make a plugin that runs `script` in each document, before the page's own scripts."""

def make_autostart(apple_script: bool, args: list[str], /) -> Plugin: ...
def make_single_instance(
    callback: Callable[[AppHandle, list[str], str], object] | None, /
) -> Plugin: ...
def show_message(
    manager: ImplManager,
    message: str,
    handler: Callable[[bool], object] | None,
    /,
    *,
    title: str | None = None,
    kind: str = "Info",
    buttons: list[str],
    parent: WebviewWindow | None = None,
) -> bool | None: ...
def pick_path(
    manager: ImplManager,
    what: Literal["file", "files", "folder", "folders", "save"],
    handler: Callable[[Any], object] | None,
    /,
    *,
    filters: list[tuple[str, list[str]]],
    directory: str | os.PathLike[str] | None = None,
    file_name: str | None = None,
    title: str | None = None,
    can_create_directories: bool | None = None,
    parent: WebviewWindow | None = None,
) -> Path | list[Path] | None: ...
def show_notification(manager: ImplManager, parts: dict[str, Any], /) -> None: ...
