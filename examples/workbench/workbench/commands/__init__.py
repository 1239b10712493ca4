"""Everything a page may call, one module per kind of window that calls it."""

from workbench.commands import editor, jobs, library, tasks
from workbench.registry import commands

__all__ = ["commands", "editor", "jobs", "library", "tasks"]
