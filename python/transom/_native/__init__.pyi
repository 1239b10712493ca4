"""Describes the native half of the package, with one stub file for each subject."""
# ruff: noqa: F403 - each stub exports all that it describes

from ._app import *
from ._desktop import *
from ._events import *
from ._host import *
from ._plugins import *
from ._testing import *
