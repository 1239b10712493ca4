"""Logs the stacks of calls that still run when their time to clean up after a cancel is over."""

import logging
import threading
from typing import TYPE_CHECKING

from .._native import Host
from .failures import report
from .stacks import describe_coroutine, describe_thread, is_running, thread_of

if TYPE_CHECKING:
    from .._executors.portal import PortalExecutor

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
            except BaseException as error:  # noqa: BLE001
                report(log, "what abandoned work does could not be said", error=error)

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
