"""Represents one call of a test's page, from its start until it settles."""

from collections.abc import Callable, Generator
from typing import Any, NamedTuple, Protocol

from anyio import Event, get_cancelled_exc_class

from ..._observe.calls import Progress
from .body import Body
from .released import Released, ending_of
from .wire import FrameAnswer


class Order(NamedTuple):
    """What a page sends to begin a call."""

    command: str
    body: Body
    headers: list[tuple[str, bytes]]
    head: dict[str, Any]
    """The head of the frame, without the document's own parts and the body."""
    on_progress: Callable[[Progress], object] | None


class CallingDocument(Protocol):
    """The document that made a call."""

    def check_loop(self) -> None: ...
    def cancel(self, call: "TestCall", /) -> None: ...
    async def released(self, call: "TestCall", /) -> Released: ...


class TestCall:
    """A call that a page has made; `await` it for its result.

    Cancelling the task that awaits it cancels the call, as an aborted signal does on a page.
    """

    __test__ = False

    def __init__(self, document: CallingDocument, order: Order) -> None:
        self._document = document
        self._done = Event()
        self._answer: FrameAnswer | None = None
        """The answer of the host, even if the page has another reason to fail."""
        self._failure: Exception | None = None
        self.order = order
        self.command: str = order.command
        self.id: int | None = None
        """The page's number of the call. `None` while the page holds it back."""
        self.progress: Progress | None = None
        """The last progress that the page got, of a call with `on_progress`."""

    @property
    def settled(self) -> bool:
        """Whether it has a result or an error."""
        return self._done.is_set()

    async def result(self) -> Any:
        """The value (bytes, or what JSON gives); `InvokeError` when the call failed."""
        self._document.check_loop()
        try:
            await self._done.wait()
        except get_cancelled_exc_class():
            self.cancel()
            raise
        return self.outcome()

    def outcome(self) -> Any:
        """`result()` of a call that has settled."""
        if self._failure is not None:
            raise self._failure
        assert self._answer is not None
        return self._answer.result()

    async def released(self) -> Released:
        """Waits until the call's work has ended, and says how; the page's `call.released`."""
        self._document.check_loop()
        await self._done.wait()
        if self.id is None or self._answer is None:
            return "cancelled"  # never sent
        return ending_of(self._answer) or await self._document.released(self)

    def __await__(self) -> Generator[Any, Any, Any]:
        return self.result().__await__()

    def cancel(self) -> None:
        """Cancels the call, so that it rejects with `aborted`. Does nothing once it has settled."""
        if not self.settled:
            self._document.cancel(self)

    # For the document.

    def sent(self) -> None:
        """Notes that the page has sent it."""

    def told(self, progress: Progress) -> None:
        """Takes progress. An exception of the listener becomes the call's error."""
        self.progress = progress
        try:
            if (listener := self.order.on_progress) is not None:
                listener(progress)
        except Exception as error:  # noqa: BLE001 - raised where the test awaits the call
            self.cancel()
            self.fail(error)

    def settle(self, answer: FrameAnswer) -> None:
        self._answer = answer
        self._done.set()

    def fail(self, error: Exception) -> None:
        if not self.settled:
            self._failure = error
            self._done.set()
