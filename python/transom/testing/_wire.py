"""Frames to the host, and the answers that it gives, on the loop of the test."""

import json
from collections.abc import Callable
from itertools import count
from threading import Thread, get_ident
from typing import Any, Literal, NamedTuple, TypeVar, cast

from anyio import CancelScope, Event, wait_readable

from .._native import Host, Scope, TestPages
from .._page import DECODER
from ._errors import InvokeError

T = TypeVar("T")
Kind = Literal["json", "raw", "error"]


EVENTS = 0
"""The token of events, which `TestPages` sends unasked."""


class Answer(NamedTuple):
    """What the host answered to a frame."""

    kind: Kind
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
        """Of an answer that is one."""
        return InvokeError.of_frame(self.value)


Answered = Callable[[Answer], object]


def _ignore(_: Answer) -> None:
    pass


class Wire:
    """The way between the pages of a test and the host."""

    def __init__(self, host: Host) -> None:
        self._pages = TestPages(host)
        self._tokens = count(1)
        self._waiting: dict[int, Answered] = {}
        self._channels: dict[int, Answered] = {}
        self._thread = get_ident()

    def check_loop(self) -> None:
        """`RuntimeError` on another thread than the test's, where no answer wakes who waits."""
        if get_ident() != self._thread:
            raise RuntimeError(
                "a test's windows, calls and streams are for the event loop of its `async with "
                "TestApp(…)`: await them there, not on another thread's loop"
            )

    async def serve(self) -> None:
        """Hands out answers until it is cancelled."""
        inbox = self._pages.inbox
        while True:
            await wait_readable(inbox.fileno())
            for token, kind, value in cast("list[tuple[int, Kind, Any]]", inbox.drain()):
                take = self._channels.get(token) or self._waiting.pop(token)
                take(Answer(kind, value))

    def _await(self, answered: Answered) -> int:
        token = next(self._tokens)
        self._waiting[token] = answered
        return token

    def number(self) -> int:
        """A number for a channel."""
        return next(self._tokens)

    def open_channel(self, number: int, received: Answered) -> None:
        """Tells `received` of what comes through the channel of this number."""
        self._channels[number] = received

    # What a webview does.

    def open(self, label: str) -> None:
        self._pages.open(label)

    def page_started(self, label: str) -> None:
        self._pages.page_started(label)

    def close(self, label: str) -> None:
        self._pages.close(label)

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
        args = json.dumps({"frame": frame})
        self._pages.control(self._await(answered), label, scope, args, origin)

    def pull(self, label: str, epoch: str, *, now: bool, answered: Answered) -> None:
        self._pages.pull(self._await(answered), label, json.dumps({"epoch": epoch, "now": now}))

    def next(self, label: str, frame: dict[str, Any], answered: Answered) -> None:
        self._pages.next(self._await(answered), label, json.dumps(frame))

    def soon(self, act: Callable[[], object]) -> None:
        """Runs `act()` on the loop of the test; from any thread."""
        self._pages.tell(self._await(lambda _: act()))

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Runs `work()` on a thread of its own while the loop goes on; never cancelled."""
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
        with CancelScope(shield=True):
            await done.wait()
        thread.join()
        if failure:
            raise failure[0]
        return outcome[0]
