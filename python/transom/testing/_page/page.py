"""Defines `Page`: what a test does as the page of a window."""

import re
from collections.abc import Callable
from typing import Any, Literal

from ..._native import Scope
from ..._observe.calls import Progress
from .body import UNSET, body_of
from .call import Order, TestCall
from .channel import TestChannel
from .document import Document, Spawn
from .errors import InvokeError
from .headers import HeadersInit, headers_of
from .jobs import Job
from .stream import StreamCall, TestStream
from .wire import Wire

MOST_ITEMS = 1024
"""The largest buffer of a stream."""
LONGEST_NAME = 256
"""The bytes of the longest name of a command."""
LONGEST_TIME = 2**53 - 1
"""The milliseconds that a page sends for a longer timeout."""
_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")


class Page:
    """A page, which calls commands. Use it on the loop of the test only.

    It is there from `appear` to `end`, and shows one document after the other.
    """

    def __init__(self, wire: Wire, label: str, is_gone: Callable[[], bool]) -> None:
        self.label = label
        """The label of its window."""
        self._wire = wire
        self._spawn: Spawn | None = None
        self._scope: Scope | None = None
        self._origin: str | None = None
        self._hold = True
        self._exposed: dict[str, Callable[[Any], object]] = {}
        self._document: Document | None = None
        self._is_gone = is_gone

    @property
    def attached(self) -> bool:
        """Whether its window has shown it."""
        return self._spawn is not None

    def appear(self, spawn: Spawn, scope: Scope | None, *, origin: str | None, hold: bool) -> None:
        """Shows its first document, which may do what `scope` says: nothing, if it is `None`."""
        self._spawn = spawn
        self._hold = hold
        self.show(scope, origin)

    def show(self, scope: Scope | None, origin: str | None) -> None:
        """Shows another document, of the app itself or of the remote `origin`."""
        self._scope = scope
        self._origin = origin
        self._document = self._new_document()

    def _new_document(self) -> Document | None:
        if self._scope is None or self._spawn is None:
            return None
        return Document(
            self._wire,
            self._spawn,
            self.label,
            self._scope,
            self._exposed,
            lambda: None if self._is_gone() else self._document,
            origin=self._origin,
            hold=self._hold,
        )

    def leave(self, why: str) -> None:
        """Ends the document. What it waits for ends with `window-closed`."""
        if self._document is not None:
            self._document.retire(self._gone(why))

    def end(self) -> None:
        """Ends the page, because its window was closed."""
        self.leave("the window was closed")

    async def invoke(
        self,
        command: str,
        body: Any = UNSET,
        /,
        *,
        headers: HeadersInit | None = None,
        timeout: float | None = None,
        priority: Literal["interactive", "background"] | None = None,
        on_progress: Callable[[Progress], object] | None = None,
    ) -> Any:
        """Calls a command and waits for its result, as `await pyInvoke(command, body)` does.

        Args:
            command: The command's name.
            body: `bytes` travel as they are, everything else as JSON; `UNSET`: no body.
            headers: For the command to read.
            timeout: Seconds until the call ends with `deadline-exceeded`; with 0 it never starts.
            priority: `"background"` calls give way to the others. Default: `"interactive"`.
            on_progress: Told of the command's progress.

        Returns:
            What the JSON of the result gives, or `bytes`.

        Raises:
            InvokeError: The call failed.
        """
        return await self.start(
            command,
            body,
            headers=headers,
            timeout=timeout,
            priority=priority,
            on_progress=on_progress,
        )

    def start(
        self,
        command: str,
        body: Any = UNSET,
        /,
        *,
        headers: HeadersInit | None = None,
        timeout: float | None = None,
        priority: Literal["interactive", "background"] | None = None,
        on_progress: Callable[[Progress], object] | None = None,
    ) -> TestCall:
        """Calls a command as `invoke` does, and returns at once."""
        document = self._live()
        head = _head(command, timeout)
        if priority == "background":
            head["q"] = "b"
        order = Order(command, body_of(body), headers_of(headers, command), head, on_progress)
        call = TestCall(document, order)
        self._begin(document, call, timeout)
        return call

    def stream(
        self,
        command: str,
        body: Any = UNSET,
        /,
        *,
        buffer: int | None = None,
        conflate: bool = False,
        timeout: float | None = None,
        headers: HeadersInit | None = None,
        on_progress: Callable[[Progress], object] | None = None,
    ) -> TestStream:
        """Calls a command that gives a stream, as `pyStream(command, body)` does.

        Args:
            command: The command's name.
            body: As for `invoke`.
            buffer: How many items may be on their way to the loop, 1 to 1,024 (default).
            conflate: Keep only the latest item that the loop has not taken, and never make the
                generator wait.
            timeout: Seconds that each item may take; the time that the generator waits for the
                loop does not count.
            headers: For the command to read.
            on_progress: Told of the command's progress.

        Returns:
            The items: to iterate over once. `InvokeError` comes after the items before it.
        """
        if buffer is not None and not 1 <= buffer <= MOST_ITEMS:
            raise ValueError(f"the buffer of a stream is 1 to {MOST_ITEMS} items, not {buffer}")
        document = self._live()
        head = _head(command, timeout)
        ordered = {"n": buffer, "c": conflate}
        head["s"] = {key: value for key, value in ordered.items() if value}
        order = Order(command, body_of(body), headers_of(headers, command), head, on_progress)
        call = StreamCall(document, order)
        self._begin(document, call, timeout)
        return TestStream(call)

    def channel(self) -> TestChannel:
        """Opens a channel of its page, for a body: `{"channel": main.channel()}`."""
        self._live()
        return TestChannel(self._wire)

    async def jobs(self) -> list[Job]:
        """The jobs that the window may see, oldest first, as `pyJobs()` gives them."""
        return [Job.of_frame(job) for job in await self._live().ask({"op": "jobs"})]

    def attach(
        self, job: int, /, *, on_progress: Callable[[Progress], object] | None = None
    ) -> TestCall:
        """Waits for the result of a job of `jobs()`, as `pyAttach(id)` does.

        Args:
            job: Its id.
            on_progress: Told of the progress so far, then as for `invoke`.

        Returns:
            A call; its `cancel()` cancels the job.
        """
        document = self._live()
        order = Order(f"job {job}", body_of(UNSET), [], {"a": job}, on_progress)
        call = TestCall(document, order)
        document.submit(call)
        return call

    def expose(self, name: str, fn: Callable[[Any], object], /) -> None:
        """Lets Python call `fn(arg)` as `webview_window.call(name, arg)`; it may be async.

        What it raises is a `PageError` in the command. It stays after `reload()`.
        """
        document = self._live()
        self._exposed[name] = fn
        document.listen()

    def reload(self) -> None:
        """Begins another document. The calls of the one before end with `window-closed`."""
        self._check_there()
        self._wire.page_started(self.label)
        self.leave("the page was reloaded")
        self._document = self._new_document()

    def _gone(self, message: str) -> InvokeError:
        return InvokeError(
            "window-closed", message, window=self.label, retryable=True, details={"started": False}
        )

    def _begin(self, document: Document, call: TestCall, timeout: float | None) -> None:
        if timeout != 0:
            document.submit(call)
            return
        text, details = "The call took longer than 0 ms.", {"started": False, "timeoutMs": 0}
        named = {"command": call.command, "window": self.label}
        call.fail(InvokeError("deadline-exceeded", text, **named, retryable=True, details=details))

    def _live(self) -> Document:
        self._check_there()
        if self._document is None:
            raise InvokeError(
                "permission-denied",
                f"the window `{self.label}` is in no capability that grants `transom:default` or "
                "`transom:allow-call`: Tauri refuses whatever it sends",
                window=self.label,
                details={"started": False},
            )
        return self._document

    def _check_there(self) -> None:
        self._wire.check_loop()
        if self._is_gone():
            raise RuntimeError(f"the window `{self.label}` is closed: open another one")
        if not self.attached:
            raise RuntimeError(
                f"the window `{self.label}` has no page yet: "
                f"`app.window({self.label!r})` gives it one"
            )


def _head(command: str, timeout: float | None) -> dict[str, Any]:
    size = len(command.encode(errors="replace"))
    if not 1 <= size <= LONGEST_NAME or _HALF_A_CHARACTER.search(command):
        text = f"The name of a command is a text of 1 to {LONGEST_NAME} bytes."
        raise InvokeError("invalid-argument", text, command=command, details={"started": False})
    head: dict[str, Any] = {"c": command}
    if timeout is not None:
        if not timeout >= 0:
            raise ValueError(f"a timeout is a number of seconds from 0, not {timeout}")
        head["t"] = max(1, round(min(timeout * 1000, LONGEST_TIME)))
    return head
