"""Everything a page may call, one module per kind of window that calls it."""

from ..registry import commands
from . import cover, editor, jobs, library, tasks

__all__ = ["commands", "cover", "editor", "jobs", "library", "tasks"]
