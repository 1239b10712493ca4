"""Describes events of pages, windows and the app, and channels to pages."""
# ruff: noqa: F403 - each stub exports all that it describes

from .channel import *
from .events import *
from .window_events import *
