"""The one app of this process, as far as it runs."""

from contextvars import ContextVar
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
    one_of_several: bool = False
    """There may be others in this process: it is the running app to its own calls only."""


_current: Runtime | None = None
_of_call: ContextVar[Runtime | None] = ContextVar("transom_runtime", default=None)


def current() -> Runtime:
    """The running app. `RuntimeError` when there is none, and in a fork of its process."""
    _fork.check()
    found = _of_call.get() or _current
    if found is None:
        raise RuntimeError("there is no running app: build one with `builder_factory().build(…)`")
    return found


def set_for_call(runtime: Runtime) -> None:
    """Names the running app to the code of the call that this context is of."""
    _of_call.set(runtime)


def set_current(runtime: Runtime | None) -> None:
    """Names the running app."""
    global _current  # noqa: PLW0603 - one app per process is a fact of the platform
    _current = runtime
