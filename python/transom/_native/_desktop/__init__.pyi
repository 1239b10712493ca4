"""Describes windows, menus, tray icons, and the values that go to the window system and back."""
# ruff: noqa: F403 - each stub exports all that it describes

from .image import *
from .menu import *
from .menu_items import *
from .tray import *
from .values import *
from .webview_window import *
from .window_sides import *
