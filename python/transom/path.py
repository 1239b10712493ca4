"""Exports `PathResolver`, which finds the folders of the system and of the app."""

from ._native import PathResolver

__all__ = ["PathResolver"]
