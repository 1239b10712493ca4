"""Decides whether the current thread may wait for a slow page or listener. The native side asks."""

from .._call.interrupt import here as _thread
from .._call.shield import is_shielded
from .._loops import posting
from .._native import Call
from ..errors import PageBehind


def here() -> tuple[bool, bool, Call | None]:
    """Returns whether this thread may wait, whether it is shielded from cancels, and its call.

    A thread may not on which an event loop runs, or the plain callbacks: others need it.
    """
    may_wait = not (_thread.serves_all or posting.is_here())
    return may_wait, is_shielded(), _thread.call


def behind(window: str) -> PageBehind:
    """The error of a send that found no room, on a thread that may not wait."""
    return PageBehind(
        f"the page of window {window!r} is far behind: 131,072 messages or 64 MiB are on their way "
        "to it, and this thread, which others need, may not wait. Send from a thread, as by "
        "`await anyio.to_thread.run_sync(channel.send, data)`, which waits, or make the command "
        "a stream"
    )
