"""Describes the native half of the package, with one stub file for each subject."""
# ruff: noqa: F403 - each stub exports all that it describes

from ._app import *
from ._app_handle import *
from ._channel import *
from ._constants import *
from ._context import *
from ._events import *
from ._host import *
from ._image import *
from ._manager import *
from ._menu import *
from ._plugins import *
from ._testing import *
from ._tray import *
from ._values import *
from ._webview_window import *
from ._window_events import *
from ._window_sides import *
