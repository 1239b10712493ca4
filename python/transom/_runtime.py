"""The one app of this process, as far as it runs."""

from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from . import _fork

if TYPE_CHECKING:
    from ._native import AppHandle, Host
    from ._portal import PortalExecutor
    from ._streams import Credits


@dataclass(slots=True)
class Runtime:
    """What the parts of a running app find each other by."""

    host: "Host"
    app_handle: "AppHandle | None"
    """`None` when the app does not run on Tauri's own runtime, which the classes here wrap."""
    embedded: bool = False
    """The program of this process is an app, not a Python."""
    portal: "PortalExecutor | None" = None
    credits: "Credits | None" = None
    """What wakes the streams of the event loop. `None`: they wait in threads."""
    tokens: "count[int]" = field(default_factory=count)


_current: Runtime | None = None


def current() -> Runtime:
    """The running app. `RuntimeError` when there is none, and in a fork of its process."""
    _fork.check()
    if _current is None:
        raise RuntimeError("there is no running app: build one with `builder_factory().build(…)`")
    return _current


def set_current(runtime: Runtime | None) -> None:
    """Names the running app."""
    global _current  # noqa: PLW0603 - one app per process is a fact of the platform
    _current = runtime
