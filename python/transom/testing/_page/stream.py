"""Pulls the items of one stream for a test, and gives them to the test's loop."""

from collections import deque
from functools import partial
from math import ceil
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

from anyio import Event, get_cancelled_exc_class, sleep
from anyio.lowlevel import checkpoint_if_cancelled

from .call import Order, TestCall
from .released import Released
from .wire import FrameAnswer

if TYPE_CHECKING:
    from .document import Document

FIRST_PAUSE = 0.004
"""Seconds until a pull that came before its call is sent again. It doubles up to the longest."""
LONGEST_PAUSE = 0.25


class StreamCall(TestCall):
    """The call of a stream. At most one pull is open; it tells how many items the loop took.

    So no credit is given back while the loop has half of what it got still before it.
    """

    def __init__(self, document: "Document", order: Order) -> None:
        super().__init__(document, order)
        self._page = document
        self._conflate = "c" in order.head["s"]
        self._items = deque[Any]()
        self._received = 0
        self._taken = 0
        self._pull_from = 0
        """How many items must be taken before the next pull."""
        self._pulling = False
        self._pause = FIRST_PAUSE
        self._waiting = 0
        self._news = Event()
        self.over: bool = False
        """Whether the loop has seen the end, or was left."""

    async def next(self) -> Any:
        """The next item; after the last the error of the call, once."""
        self._page.check_loop()
        try:
            await checkpoint_if_cancelled()
            while not self._items:
                await self._wait()
        except get_cancelled_exc_class():
            self.give_up()
            raise
        self._taken += 1
        item = self._items.popleft()
        self._more()
        return item

    async def _wait(self) -> None:
        if self.over:
            raise StopAsyncIteration
        if self.settled and not self._pulling:
            self.over = True
            self.outcome()
            raise StopAsyncIteration
        self._waiting += 1
        self._more()
        try:
            await self._news.wait()
        finally:
            self._waiting -= 1

    def give_up(self) -> None:
        """Ends the stream: its generator is closed."""
        if not self.over:
            self.over = True
            self._items.clear()
            self.cancel()
            self._tell()

    def give_up_soon(self) -> None:
        """Calls `give_up()` from another thread."""
        if not self.over:
            self._page.soon(self.give_up)

    def _tell(self) -> None:
        self._news.set()
        self._news = Event()

    # For the document.

    def sent(self) -> None:
        self._more()

    def settle(self, answer: FrameAnswer) -> None:
        super().settle(answer)
        self._tell()

    def fail(self, error: Exception) -> None:
        super().fail(error)
        self._tell()

    # Pulls.

    def _more(self) -> None:
        """Pulls if there is a reason to."""
        if self._pulling or self.over or self.settled or self.id is None:
            return
        if self._conflate:
            # Those who wait for what is here already have not been awake yet.
            wanted = self._waiting > len(self._items)
        else:
            wanted = self._taken >= self._pull_from or not self._items
        if wanted and not self._page.retired:
            self._pulling = True
            pulled = partial(self._pulled, self.id)
            self._page.next(self.id, self._received, self._taken, pulled)

    def _pulled(self, key: int, answer: FrameAnswer) -> None:
        batch = None if answer.kind == "error" else _batch_of(answer)
        if batch is not None:
            self._receive(*batch)
        elif answer.kind != "error" and not self.settled:
            # The pull overtook its call, or the call's answer is under way.
            self._page.spawn(self._rest)
            return
        elif answer.kind == "error" and key == self.id and not self._page.retired:
            self.cancel()
            self.fail(answer.error())
        self._pulling = False
        self._tell()
        self._more()

    async def _rest(self) -> None:
        try:
            await sleep(self._pause)
        finally:
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
            self._pulling = False
            self._tell()
        self._more()

    def _receive(self, n: int, items: list[Any]) -> None:
        self._pause = FIRST_PAUSE
        fresh = items[max(0, self._received - n) :]
        self._received += len(fresh)
        if not self.over:
            self._items.extend(fresh)
            self._pull_from = self._taken + ceil(len(self._items) / 2)


def _batch_of(answer: FrameAnswer) -> tuple[int, list[Any]] | None:
    """The items, and how many were handed over before them. `None`: there is no such stream."""
    if answer.kind == "raw":
        return _bytes_of(cast("bytes", answer.value))
    batch = answer.result()
    return None if batch is None else (batch["n"], batch["items"])


def _bytes_of(frame: bytes) -> tuple[int, list[Any]]:
    items, at = list[Any](), 8
    while at < len(frame):
        begin = at + 4
        at = begin + int.from_bytes(frame[at:begin], "little")
        items.append(frame[begin:at])
    return int.from_bytes(frame[:8], "little"), items


class TestStream:
    """The items of a stream command, in order: `async for item in window.stream(…)`.

    A loop that is left (by `break`, an error, a cancel) closes the generator; while something else
    still refers to the stream, `aclose()` does, or the end of `async with window.stream(…) as
    items`.
    """

    __test__ = False

    def __init__(self, call: StreamCall) -> None:
        self._call = call

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        return await self._call.next()

    async def aclose(self) -> None:
        """Closes the generator, and waits until it has ended. Does nothing if it has."""
        self._call.give_up()
        await self._call.released()

    async def released(self) -> Released:
        """Waits until the generator has ended, and says how."""
        return await self._call.released()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __del__(self) -> None:
        # From any thread: the loop that was left had the last reference.
        self._call.give_up_soon()
