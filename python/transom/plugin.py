"""Exports `Plugin`, the class of Tauri's plugins; `transom.plugins` makes them."""

from ._native import Plugin

__all__ = ["Plugin"]
