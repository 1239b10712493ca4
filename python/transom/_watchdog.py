"""Says which command keeps the event loop from turning."""

import logging
import sys
import threading
import traceback
from types import FrameType
from typing import TYPE_CHECKING

from ._native import Call, Host
from ._runner import Runner

if TYPE_CHECKING:
    from ._portal import PortalExecutor

FRAMES = 50
"""The innermost frames that are shown."""

log = logging.getLogger("transom")


class Watchdog:
    """Waits on a thread of its own for the news that the event loop stalls.

    The native side asks the loop to turn, only while it has calls or mail.
    """

    def __init__(self, host: Host, executor: str, portal: "PortalExecutor") -> None:
        self._host = host
        self._executor = executor
        self._portal = portal

    def start(self) -> None:
        """Starts the thread."""
        threading.Thread(target=self._serve, name="transom-watchdog", daemon=True).start()

    def close(self) -> None:
        """Ends the thread."""
        self._host.end_watch(self._portal.inbox)

    def _serve(self) -> None:
        while (news := self._host.next_stall(self._executor, self._portal.inbox)) is not None:
            turns, seconds = news
            if turns:
                log.warning("executor-stalled: the event loop turns again, after %.1f s", seconds)
            else:
                log.error("%s", report(self._portal.thread, seconds))


def report(thread: int | None, seconds: float) -> str:
    """What the event loop's thread does, as text."""
    frame = sys._current_frames().get(thread or 0)  # pyright: ignore[reportPrivateUsage]
    call = call_of(frame)
    culprit = (
        "something that is no command, or a task that one has started,"
        if call is None
        else f"command `{call.command}`, called by window `{call.window}`,"
    )
    stack = "".join(traceback.format_stack(frame, FRAMES)) if frame else "(it has ended)"
    return (
        f"executor-stalled: {culprit} has kept the event loop from turning for {seconds:.1f} s; "
        f"all async commands wait. Its stack:\n{stack}"
    )


def call_of(frame: FrameType | None) -> Call | None:
    """The call that is run in this stack."""
    code = Runner.run.__code__
    while frame is not None:
        if frame.f_code is code:
            return frame.f_locals.get("call")
        frame = frame.f_back
    return None
