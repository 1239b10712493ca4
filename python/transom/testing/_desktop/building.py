"""Builds windows of a test as `WebviewWindowBuilder` builds those of an app."""

import sys
from collections.abc import Mapping
from typing import Any

from ..._native import WebviewUrl, WindowArgumentReader
from .._menus.containers import AMenu
from .doubles import Double

_RELATIVES = {"parent", "owner" if sys.platform == "win32" else "transient_for"}
"""The arguments that are windows."""


def build(slf: Double, label: str, url: WebviewUrl, /, **args: Any) -> Double:
    address = WindowArgumentReader.build(label, url)
    _check(slf, label, args)
    return slf.doubles.webview_window(slf.desktop.open(label, address, args=args), slf.reach)


def get_or_build(slf: Double, label: str, url: WebviewUrl, /, **args: Any) -> Double:
    address = WindowArgumentReader.build(label, url)
    _check(slf, label, args)
    with slf.desktop.lock:
        window = slf.desktop.window(label)
        if window is None:
            window = slf.desktop.open(label, address, args=args)
        else:
            window.bring_to_front()
    return slf.doubles.webview_window(window, slf.reach)


def from_config(slf: Double, config: Mapping[str, Any] | str, /, **args: Any) -> Double:
    label, _, text = WindowArgumentReader.from_config(config)
    _check(slf, label, args)
    return slf.doubles.webview_window(slf.desktop.open_config(text, args), slf.reach)


def _check(slf: Double, label: str, args: Mapping[str, Any]) -> None:
    """Refuses what an app refuses."""
    slf.check_open()
    slf.check_reach(label)
    plain = {name: value for name, value in args.items() if not _is_double(name, value)}
    WindowArgumentReader.arguments(**plain)


def _is_double(name: str, value: object) -> bool:
    if name == "menu":
        return isinstance(value, AMenu)
    return name in _RELATIVES and isinstance(value, Double) and value.window is not None
