"""Keeps a reference to the one running app of this process."""

from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, Protocol

from .. import _fork

if TYPE_CHECKING:
    from collections.abc import Callable

    from .._call.streams import Credits
    from .._native import AppHandle, Host, Inbox


class Portal(Protocol):
    """The event loop of the app's commands, for code that waits for something on it."""

    @property
    def inbox(self) -> "Inbox": ...

    def is_here(self) -> bool:
        """Whether this is the loop's thread."""
        ...

    async def page_reply(self, token: int, ask: "Callable[[], None]", /) -> tuple[str, Any]:
        """Calls `ask`, and waits for the page's reply with that token."""
        ...

    def leave(self, patience: float, /) -> bool:
        """Ends what is left on the loop within `patience` seconds. False: something goes on."""
        ...


@dataclass(slots=True)
class Runtime:
    """The parts of a running app, by which they find each other."""

    host: "Host"
    app_handle: "AppHandle | None"
    """`None` when the app does not run on Tauri's own runtime, which the classes here wrap."""
    embedded: bool = False
    """Whether the program of this process is an app in Rust, and not a Python interpreter."""
    portal: Portal | None = None
    credits: "Credits | None" = None
    """What wakes the streams of the event loop. `None`: they wait in threads."""
    tokens: "count[int]" = field(default_factory=count)
    one_of_several: bool = False
    """Whether there may be other apps in this process. Then it is the running app only to its
    calls.
    """


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
    """Sets the running app for the code of the call that has this context."""
    _of_call.set(runtime)


def set_current(runtime: Runtime | None) -> None:
    """Sets the running app."""
    global _current  # noqa: PLW0603 - one app per process is a fact of the platform
    _current = runtime
