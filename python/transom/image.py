"""Exports `Image`: the pixels of an icon."""

from ._native import Image

__all__ = ["Image"]
