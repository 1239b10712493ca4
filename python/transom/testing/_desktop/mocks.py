"""Provides the mocks that doubles are, and the double of the page in a window."""

from typing import Any
from unittest.mock import Mock, NonCallableMock

from ..._native import Webview
from ..._native import Window as NativeWindow
from .window import Window


class Recorder(NonCallableMock):
    """A mock whose methods are called at once, also where those of its spec are awaited."""

    def _get_child_mock(self, /, **kw: Any) -> Mock:
        return Mock(**kw)


class PageDouble(Recorder):
    """A double of a `Webview`."""

    of_window: Window


def page_of(window: Window) -> PageDouble:
    """The double of the page in a window."""
    page = PageDouble(spec=Webview)
    # Past the spec: this is the double's own.
    page.__dict__["of_window"] = window
    frame = Recorder(spec=NativeWindow)
    frame.__dict__["of_window"] = window
    page.window.return_value = frame
    page.label.return_value = frame.label.return_value = window.label
    return page
