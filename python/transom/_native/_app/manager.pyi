"""Describes `Manager`: what an app, its handles and its windows have in common."""

from pathlib import Path
from typing import Any, TypeAlias, TypeVar, final

from ..._app.app import App
from .._desktop.webview_window import WebviewWindow
from .._desktop.window_sides import Webview, Window
from .app_handle import AppHandle

_T = TypeVar("_T")

ImplManager: TypeAlias = App | AppHandle | WebviewWindow | Window | Webview

@final
class Manager:
    """What can be done with an `App`, an `AppHandle`, a `WebviewWindow`, `Window` or `Webview`.

    A window got through a command's `app_handle` keeps that handle's reach.
    """

    @staticmethod
    def app_handle(slf: ImplManager, /) -> AppHandle:
        """The app; the same object each time for the same reach."""

    @staticmethod
    def get_webview_window(slf: ImplManager, label: str, /) -> WebviewWindow | None:
        """The window with this label. `PermissionError` beyond reach."""

    @staticmethod
    def webview_windows(slf: ImplManager, /) -> dict[str, WebviewWindow]:
        """Every window within reach, by label."""

    @staticmethod
    def manage(slf: ImplManager, state: Any, /) -> bool:
        """Keep `state` for its exact type, for the whole app.

        `False`, and no change, when that type has one. A window keeps its own by its method
        `manage`.
        """

    @staticmethod
    def state(slf: ImplManager, state_type: type[_T], /) -> _T:
        """The object managed for `state_type`; `ValueError` when there is none.

        Of a window: its own, else that of the app.
        """

    @staticmethod
    def try_state(slf: ImplManager, state_type: type[_T], /) -> _T | None:
        """The object managed for `state_type`, or `None`."""

    @staticmethod
    def path(slf: ImplManager, /) -> PathResolver:
        """Where the system and this app keep their files."""

@final
class PathResolver:
    """Finds directories; `RuntimeError` for one that this platform does not have."""

    def audio_dir(self) -> Path: ...
    def cache_dir(self) -> Path: ...
    def config_dir(self) -> Path: ...
    def data_dir(self) -> Path: ...
    def local_data_dir(self) -> Path: ...
    def desktop_dir(self) -> Path: ...
    def document_dir(self) -> Path: ...
    def download_dir(self) -> Path: ...
    def executable_dir(self) -> Path: ...
    def font_dir(self) -> Path: ...
    def home_dir(self) -> Path: ...
    def picture_dir(self) -> Path: ...
    def public_dir(self) -> Path: ...
    def runtime_dir(self) -> Path: ...
    def template_dir(self) -> Path: ...
    def video_dir(self) -> Path: ...
    def resource_dir(self) -> Path:
        """The files that come with the app: the folder that `context_factory` was given.

        In an app that is built in Rust: the folder in which the installer puts them.
        """

    def app_config_dir(self) -> Path: ...
    def app_data_dir(self) -> Path: ...
    def app_local_data_dir(self) -> Path: ...
    def app_cache_dir(self) -> Path: ...
    def app_log_dir(self) -> Path: ...
    def temp_dir(self) -> Path: ...
