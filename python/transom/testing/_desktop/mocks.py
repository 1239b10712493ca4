"""Provides the mock classes behind the test doubles, and the double of a window's page."""

from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

from ..._native import Webview
from ..._native import Window as NativeWindow
from .window import Window

if TYPE_CHECKING:

    class _Mock:
        """A `NonCallableMock`, whose own types have a base class that no type checker knows."""

        def __init__(self, **kwargs: Any) -> None: ...
        def __getattr__(self, name: str, /) -> Any: ...
        def _get_child_mock(self, /, **kw: Any) -> Any: ...

else:
    from unittest.mock import NonCallableMock as _Mock


class Recorder(_Mock):
    """A mock whose methods are called at once, also where those of its spec are awaited."""

    def _get_child_mock(self, /, **kw: Any) -> Any:
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
