"""Reports which command blocks the event loop."""

import logging
from typing import TYPE_CHECKING

from .._loops.threads import start_thread
from .._native import Host
from .calls import CallInfo, calls_of
from .failures import report as report_failure
from .stacks import describe_thread, is_running

if TYPE_CHECKING:
    from .._executors.portal import PortalExecutor

log = logging.getLogger("transom")


class Watchdog:
    """Waits on a thread of its own until the event loop is blocked, and reports that.

    The native side asks the loop to turn, only while it has calls or mail.
    """

    def __init__(self, host: Host, executor: str, portal: "PortalExecutor") -> None:
        self._host = host
        self._executor = executor
        self._portal = portal

    def start(self) -> None:
        """Starts the thread."""
        start_thread(self._serve, "transom-watchdog")

    def close(self) -> None:
        """Ends the thread."""
        self._host.end_watch(self._portal.inbox)

    def _serve(self) -> None:
        while (news := self._host.next_stall(self._executor, self._portal.inbox)) is not None:
            try:
                self._tell(*news)
            except BaseException as error:  # noqa: BLE001
                report_failure(log, "what blocks the event loop could not be said", error=error)

    def _tell(self, turns: bool, seconds: float) -> None:
        if turns:
            log.warning("executor-stalled: the event loop turns again, after %.1f s", seconds)
        elif not self._portal.end_if_lost():
            log.error("%s", self._report(seconds))

    def _report(self, seconds: float) -> str:
        """The stack of the event loop's thread, as text."""
        running = {key for key, it in self._portal.coroutines().items() if is_running(it)}
        call = next((it for it in calls_of(self._host) if it.id in running), None)
        return report(call, describe_thread(self._portal.thread), seconds)


def report(call: CallInfo | None, stack: str, seconds: float) -> str:
    """Logs which call blocks the loop, if one does."""
    culprit = (
        "something that is no command, or a task that one has started,"
        if call is None
        else f"command `{call.command}`, called by window `{call.window}`,"
    )
    return (
        f"executor-stalled: {culprit} has kept the event loop from turning for {seconds:.1f} s; "
        f"all async commands wait. Its stack:\n{stack}"
    )
