"""Remembers where windows are, and brings them back after a restart."""

import logging
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from ..._native import AppHandle, Manager, Position, Size, WebviewUrl, WebviewWindow
from ..._native import WebviewWindowBuilder as Builder

BLANK = "about:blank"

log = logging.getLogger("transom.dev")


def all_of(app: AppHandle) -> list[WebviewWindow]:
    """The windows that are open."""
    return list(Manager.webview_windows(app).values())


def remember(app: AppHandle) -> list[dict[str, Any]]:
    """Describes the windows that are open, as JSON can say it."""
    found: list[dict[str, Any]] = []
    for label, window in Manager.webview_windows(app).items():
        with suppress(RuntimeError):  # it closes
            found.append(
                {
                    "label": label,
                    "url": window.url(),
                    "title": window.title(),
                    "position": window.outer_position(),
                    "size": window.inner_size(),
                    "maximized": window.is_maximized(),
                    "visible": window.is_visible(),
                }
            )
    return found


def bring_back(app: AppHandle, windows: Iterable[dict[str, Any]]) -> None:
    """Puts windows where they were. One that the app does not open itself is opened."""
    for it in windows:
        try:
            window = Manager.get_webview_window(app, it["label"])
            if window is None:
                url = WebviewUrl.External(it["url"])
                window = Builder.build(app, it["label"], url, title=it["title"])
            _place(window, it)
        except (RuntimeError, ValueError) as error:
            log.warning("the window `%s` does not come back as it was: %s", it["label"], error)


def _place(window: WebviewWindow, it: dict[str, Any]) -> None:
    size, position = tuple(it["size"]), tuple(it["position"])
    if window.inner_size() != size:
        window.set_size(Size.Physical(size))
    if window.outer_position() != position:
        window.set_position(Position.Physical(position))
    if it["maximized"] and not window.is_maximized():
        window.maximize()
    url = window.url()
    if it["url"] not in (url, BLANK) and url != BLANK:
        window.navigate(it["url"])
