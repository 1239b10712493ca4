"""Defines the commands, with one module for each kind of window that calls them."""

from ..registry import commands
from . import cover, editor, jobs, library, tasks

__all__ = ["commands", "cover", "editor", "jobs", "library", "tasks"]
