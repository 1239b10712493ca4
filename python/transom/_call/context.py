"""Defines `CallContext`, by which a running command learns of its call and controls it."""

import math
import time
from collections.abc import Generator, Iterable, Iterator, Sized
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from .. import _fork
from .._app.runtime import Runtime, current
from .._native import Call, Channel
from .bars import bar_class
from .interrupt import raise_cancelled
from .shield import is_shielded, shielded
from .temporary import folders

T = TypeVar("T")


def _is_finite(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:  # an integer beyond all floats
        return False


class CallContext:
    """The call that a command runs for. Ask for it by annotating a parameter with this class."""

    __slots__ = ("_call", "_runtime")

    def __init__(self, call: Call, runtime: Runtime | None = None, /) -> None:
        self._call = call
        self._runtime = runtime

    @property
    def id(self) -> int:
        """The call's number in this app, as in `AppHandle.calls()`."""
        return self._call.id

    @property
    def command(self) -> str:
        """The command's name."""
        return self._call.command

    @property
    def window(self) -> str:
        """The label of the window that called."""
        return self._call.window

    @property
    def cancelled(self) -> bool:
        """Whether somebody asked the call to stop."""
        _fork.check()
        return self._call.cancelled

    @property
    def deadline(self) -> float | None:
        """When the call expires, on the clock of `time.monotonic()`. `None`: it does not."""
        left = self._call.time_left
        return None if left is None else time.monotonic() + left

    def check(self) -> None:
        """Raises `Cancelled` when somebody asked the call to stop. Cheap: call it in loops.

        It does so in every executor, and not inside `shield`.
        """
        _fork.check()
        if self._call.cancelled and not is_shielded():
            raise_cancelled()

    @contextmanager
    def shield(self, timeout: float = 5.0) -> Generator[None]:
        """Keeps a cancel off a block of clean-up: `with ctx.shield(): …`, also in `async def`.

        On the event loop the `await`s in it go on for `timeout` seconds; then they are cancelled.
        In a thread an interrupt is raised at the block's end, however long that takes. In both,
        `check()`, `track()` and `blocking_call` do not raise `Cancelled` in it.
        """
        _fork.check()
        with shielded(timeout):
            yield

    def temp_dir(self) -> Path:
        """A folder for the files of this call, made when it is asked for first.

        It is removed with all that is in it when the call has ended, in every executor, and when
        the call's worker process is killed.

        Raises:
            RuntimeError: The call has ended.
        """
        return folders.of(self._call)

    def open_channel(self, number: int, /) -> Channel:
        """For `JavaScriptChannelId.channel_on`."""
        return self._call.open_channel(number)

    def emit(self, event: str, payload: BaseModel, /) -> None:
        """Sends an event to the window that called, and to no other.

        Every listener of its page for `event` hears it but those for another target. It waits for a
        page that is far behind as `Channel.send` does.

        Raises:
            PageBehind: It would have to wait, and nobody may here.
            WindowClosed: The window is gone; in a worker process from the event on that comes after
                the first one that found no window.
        """
        (self._runtime or current()).host.emit(self._call, event, payload)

    def progress(self, done: float, total: float | None = None, message: str | None = None) -> None:
        """Tells the page, and `AppHandle.calls()`, how far the call has come.

        The latest wins; the page hears at most 30 a second, and the last one before the result.

        Raises:
            ValueError: A number is not finite, or the message is no proper Unicode.
        """
        numbers = (done,) if total is None else (done, total)
        if not all(map(_is_finite, numbers)):
            raise ValueError(f"progress is told in finite numbers, not {done!r} of {total!r}")
        if message is not None:
            message.encode()
        self._call.progress(*map(float, numbers), message=message)

    def track(self, iterable: Iterable[T], total: float | None = None) -> Iterator[T]:
        """Iterates with progress after each item, and a cancellation point before it.

        `total` is `len(iterable)` where that is known.
        """
        if total is None and isinstance(iterable, Sized):
            total = len(iterable)
        for done, item in enumerate(iterable):
            self.check()
            yield item
            self.progress(done + 1, total)

    @property
    def tqdm(self) -> Any:
        """`tqdm.tqdm` whose bars are this call's progress: `for row in ctx.tqdm(rows): …`.

        It takes what `tqdm` takes, and writes nothing. Give it to libraries as `tqdm_class`.

        Raises:
            ImportError: `tqdm` is not installed.
        """
        return bar_class(self.progress)
