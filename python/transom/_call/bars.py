"""Turns `tqdm` progress bars into the progress of a call, without writing to the terminal."""

import importlib
import threading
from collections.abc import Callable
from io import StringIO
from typing import Any


class Nowhere(StringIO):
    """A file that discards what is written to it."""

    def write(self, text: str, /) -> int:
        return len(text)


def bar_class(progress: Callable[[float, float | None, str | None], object]) -> Any:
    """A subclass of `tqdm.tqdm` that reports its position to `progress`."""
    base: Any = importlib.import_module("tqdm").tqdm

    class CallBar(base):
        # A thread that watches all bars: this one's caller is told of a standstill by nobody.
        monitor_interval = 0

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            base.__init__(self, *args, **kwargs | {"file": Nowhere()})

        def display(self, *_args: Any, **_kwargs: Any) -> bool:
            text = (self.desc or "").removesuffix(": ")
            progress(self.n, self.total, text or None)
            return True

    # A lock of its own: that of all bars stays taken when a cancel comes between two of its steps.
    CallBar.set_lock(threading.RLock())
    return CallBar
