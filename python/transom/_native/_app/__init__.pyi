"""Describes how an app is built and run, and what can be done with it from every thread."""
# ruff: noqa: F403 - each stub exports all that it describes

from .app import *
from .app_handle import *
from .constants import *
from .context import *
from .manager import *
