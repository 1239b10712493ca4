"""Sends the frames of a test's pages to the host, and delivers the answers on the test's loop."""

from collections.abc import Callable
from itertools import count
from json import dumps
from threading import Thread, get_ident
from typing import Any, Literal, NamedTuple, TypeVar, cast

from anyio import CancelScope, Event, get_cancelled_exc_class, wait_readable
from anyio.abc import TaskGroup

from ..._native import Channel, CloseQuestion, Host, Scope, TestPages
from ..._windows.page import DECODER
from .errors import InvokeError

T = TypeVar("T")
AnswerKind = Literal["json", "raw", "error"]


EVENTS = 0
"""The token of events, which `TestPages` sends without being asked."""


class FrameAnswer(NamedTuple):
    """The host's answer to a frame."""

    kind: AnswerKind
    value: Any

    def result(self) -> Any:
        """The value that the page gets; raises `InvokeError`."""
        match self.kind:
            case "json":
                return DECODER.decode(self.value)
            case "raw":
                return self.value
            case "error":
                raise self.error()

    def error(self) -> InvokeError:
        """The error in an answer that is one."""
        return InvokeError.of_frame(self.value)


Answered = Callable[[FrameAnswer], object]


def _ignore(_: FrameAnswer) -> None:
    pass


async def _raise(error: BaseException) -> None:
    raise error


class Wire:
    """The connection between the pages of a test and the host."""

    def __init__(self, host: Host) -> None:
        self._pages = TestPages(host)
        self._tokens = count(1)
        self._waiting: dict[int, Answered] = {}
        self._channels: dict[int, Answered] = {}
        self._thread = get_ident()
        # The end of an app needs answers, also when its test is being cancelled.
        self._serving = CancelScope(shield=True)

    def is_here(self) -> bool:
        """Whether this is the thread of the test's loop."""
        return get_ident() == self._thread

    def check_loop(self) -> None:
        """Raises `RuntimeError` on another thread than the test's, which no answer would wake."""
        if not self.is_here():
            raise RuntimeError(
                "a test's windows, calls and streams are for the event loop of its `async with "
                "TestApp(…)`: await them there, not on another thread's loop"
            )

    async def serve(self, tasks: TaskGroup) -> None:
        """Delivers answers until `stop()`. What a listener raises is raised by a task of its own:
        the answers after it are wanted too.
        """
        inbox = self._pages.inbox
        with self._serving:
            while True:
                await wait_readable(inbox.fileno())
                for token, kind, value in cast("list[tuple[int, AnswerKind, Any]]", inbox.drain()):
                    take = self._channels.get(token) or self._waiting.pop(token)
                    try:
                        take(FrameAnswer(kind, value))
                    except BaseException as error:  # noqa: BLE001 - such as pytest's failures
                        tasks.start_soon(_raise, error)

    def stop(self) -> None:
        """Ends `serve()`."""
        self._serving.cancel()

    def _await(self, answered: Answered) -> int:
        token = next(self._tokens)
        self._waiting[token] = answered
        return token

    def number(self) -> int:
        """A new number for a channel."""
        return next(self._tokens)

    def open_channel(self, number: int, received: Answered) -> None:
        """Calls `received` with what comes through the channel with this number."""
        self._channels[number] = received

    # What a webview does.

    def open(self, label: str) -> None:
        self._pages.open(label)

    def page_started(self, label: str) -> None:
        self._pages.page_started(label)

    def close(self, label: str) -> None:
        self._pages.close(label)

    def close_question(self, act: Callable[[], object]) -> CloseQuestion:
        """The question whether a window may close. `act()` runs on the test's loop if it may."""
        number = self.number()
        self.open_channel(number, lambda _: act())
        return self._pages.close_question(number)

    def channel(self, label: str, number: int) -> Channel:
        """The end, for Python, of a channel that a page has opened."""
        return self._pages.channel(label, number)

    # What a page sends.

    def call(
        self,
        label: str,
        scope: Scope,
        headers: list[tuple[str, bytes]],
        body: bytes,
        answered: Answered,
    ) -> None:
        self._pages.call(self._await(answered), label, scope, headers, body)

    def control(
        self,
        label: str,
        scope: Scope,
        frame: dict[str, Any],
        answered: Answered = _ignore,
        *,
        origin: str | None,
    ) -> None:
        args = dumps({"frame": frame})
        self._pages.control(self._await(answered), label, scope, args, origin)

    def pull(self, label: str, epoch: str, *, now: bool, answered: Answered) -> None:
        self._pages.pull(self._await(answered), label, dumps({"epoch": epoch, "now": now}))

    def next(self, label: str, frame: dict[str, Any], answered: Answered) -> None:
        self._pages.next(self._await(answered), label, dumps(frame))

    def soon(self, act: Callable[[], object]) -> None:
        """Runs `act()` on the loop of the test. May be called from any thread."""
        self._pages.tell(self._await(lambda _: act()))

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Runs `work()` on a thread of its own while the loop goes on.

        It is never cancelled: a cancel of the waiting task comes after the work.
        """
        outcome: list[T] = []
        failure: list[BaseException] = []
        done = Event()
        token = self._await(lambda _: done.set())

        def run() -> None:
            try:
                outcome.append(work())
            except BaseException as error:  # noqa: BLE001 - raised where the work was asked for
                failure.append(error)
            finally:
                self._pages.tell(token)

        thread = Thread(target=run, name="transom-test", daemon=True)
        thread.start()
        cancelled: BaseException | None = None
        while not done.is_set():
            try:
                with CancelScope(shield=True):
                    await done.wait()
            except get_cancelled_exc_class() as error:  # asyncio's own, such as of its `timeout`
                cancelled = error
        thread.join()
        if cancelled is not None:
            raise cancelled
        if failure:
            raise failure[0]
        return outcome[0]
