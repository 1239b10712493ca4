"""Says what work does that goes on after its cancel, at the end of its time to clean up."""

import logging
import threading
from typing import TYPE_CHECKING

from ._native import Host
from ._stacks import describe_coroutine, describe_thread, is_running, thread_of

if TYPE_CHECKING:
    from ._portal import PortalExecutor

log = logging.getLogger("transom")


class AbandonedReporter:
    """Waits on a thread of its own for calls that are given up, and logs their stacks."""

    def __init__(self, host: Host, portal: "PortalExecutor") -> None:
        self._news = host.abandoned()
        self._portal = portal

    def start(self) -> None:
        """Starts the thread."""
        threading.Thread(target=self._serve, name="transom-abandoned", daemon=True).start()

    def close(self) -> None:
        """Ends the thread."""
        self._news.close()

    def _serve(self) -> None:
        while (call := self._news.take()) is not None:
            try:
                self._report(*call)
            except Exception:
                log.exception("what abandoned work does could not be said")

    def _report(self, call: int, command: str, window: str) -> None:
        log.warning(
            "abandoned: command `%s`, called by window `%s`, still runs 5 s after its cancel; "
            "it keeps its permit until it ends. Its stack:\n%s",
            command,
            window,
            self._stack(call),
        )

    def _stack(self, call: int) -> str:
        coroutine = self._portal.coroutines().get(call)
        if coroutine is None:
            return describe_thread(thread_of(call))
        if is_running(coroutine):
            return describe_thread(self._portal.thread)
        return describe_coroutine(coroutine)
