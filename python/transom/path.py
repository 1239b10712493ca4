"""Where the system and the app keep their files."""

from ._native import PathResolver

__all__ = ["PathResolver"]
