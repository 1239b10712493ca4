"""Waits for what a page or an app does in its own time."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

from ...errors import TransomError

T = TypeVar("T")

POLL: Final = 0.02


class WebDriverError(TransomError):
    """An error answer of the driver; `kind` is the protocol's code, such as `no such window`."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(kind, message)
        self.kind: str = kind
        self.message: str = message

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}"


def wait_for(probe: Callable[[], T], timeout: float = 60.0, what: str = "condition") -> T:
    """Calls `probe` until it returns something true, and returns that.

    Errors of the driver count as "not yet": a window that is loading has no document to ask.

    Raises:
        TimeoutError: It did not come within `timeout` seconds. The error says what was seen last.
    """
    end = time.monotonic() + timeout
    last: object = None
    while True:
        try:
            result = probe()
            if result:
                return result
            last = result
        except WebDriverError as error:
            if error.kind == "invalid session id":  # the app has gone and will not come back
                raise
            last = error
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not come within {timeout} s; last seen: {last!r}")
        time.sleep(POLL)
