"""Everything a page may call, one module per kind of window that calls it."""

from ..registry import commands
from . import editor, jobs, library, tasks

__all__ = ["commands", "editor", "jobs", "library", "tasks"]
