"""Tells how the work of a test's call ended."""

from typing import Literal

from .errors import InvokeError
from .wire import FrameAnswer

Released = Literal["finished", "cancelled", "killed", "abandoned"]
"""`abandoned`: it still ran 5 s after its cancel, or its window is gone."""

CUT_SHORT = (
    "aborted",
    "deadline-exceeded",
    "window-closed",
    "superseded",
    "dropped",
    "shutting-down",
)
"""Codes of errors that may come while the command still runs."""


def ending_of(answer: FrameAnswer) -> Released | None:
    """How the work of a call ended, by its answer. `None`: the host has to be asked."""
    if answer.kind != "error":
        return "finished"
    error = InvokeError.of_frame(answer.value)
    if error.code == "worker-lost":
        return "killed"
    if not error.details.get("started", True):
        return "cancelled"
    return None if error.code in CUT_SHORT else "finished"
