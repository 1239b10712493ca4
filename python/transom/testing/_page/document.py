"""Plays one document of a window: does in Python what the client in `js/` does on a page."""

import secrets
from collections import deque
from collections.abc import Callable, Coroutine
from inspect import isawaitable
from itertools import count
from json import dumps
from typing import Any, Protocol

from anyio import Event, sleep
from pydantic_core import to_jsonable_python

from ..._native import Scope
from ..._observe.calls import Progress
from .call import TestCall
from .errors import InvokeError
from .released import Released
from .wire import FrameAnswer, Wire

VERSION = 1
"""The version of the wire protocol; see `docs/internals/protocol.md`."""


class Spawn(Protocol):
    """Starts a task of the test."""

    def __call__(self, func: Callable[..., Coroutine[Any, Any, object]], *args: Any) -> object: ...


class Document:
    """Says hello, holds calls back as the page's client does, pulls, answers calls of the page."""

    def __init__(
        self,
        wire: Wire,
        spawn: Spawn,
        label: str,
        scope: Scope,
        exposed: dict[str, Callable[[Any], object]],
        current: "Callable[[], Document | None]",
        *,
        origin: str | None,
        hold: bool,
    ) -> None:
        self.epoch: str = secrets.token_hex(16)
        self._wire = wire
        self.spawn = spawn
        self.soon: Callable[[Callable[[], object]], None] = wire.soon
        self.check_loop: Callable[[], None] = wire.check_loop
        self._label = label
        self._scope = scope
        self._exposed = exposed
        self._current = current
        self._origin = origin
        self._hold = hold
        self._ids = count(1)
        self._in_flight: dict[int, TestCall] = {}
        self._held = deque[TestCall]()
        self._limit: int | None = None
        self._refusal: InvokeError | None = None
        self._greeted = Event()
        self._watched: dict[int, TestCall] = {}
        self._pulling = False
        self._control({"op": "hello", "version": VERSION}, self._welcomed)

    def _control(self, frame: dict[str, Any], answered: Callable[[FrameAnswer], object]) -> None:
        frame = {"epoch": self.epoch, **frame}
        self._wire.control(self._label, self._scope, frame, answered, origin=self._origin)

    def _welcomed(self, answer: FrameAnswer) -> None:
        try:
            self._limit = answer.result()["limits"]["callsPerWindow"]
        except InvokeError as error:
            self.retire(error)
        else:
            self._greeted.set()
            self._send_held()
            self.listen()

    def retire(self, refusal: InvokeError) -> None:
        """Ends the document. What it holds, and what it would send, is refused."""
        self._refusal = refusal
        self._greeted.set()
        while self._held:
            self._held.popleft().fail(refusal)

    @property
    def retired(self) -> bool:
        """Whether it is gone."""
        return self._refusal is not None

    # Calls.

    def submit(self, call: TestCall) -> None:
        if self._refusal is not None:
            call.fail(self._refusal)
        else:
            self._held.append(call)
            self._send_held()

    def cancel(self, call: TestCall) -> None:
        if call.id is None:
            self._held.remove(call)
            call.fail(self._error("aborted", "the call was given up before it was sent", call))
        else:
            self._control({"op": "cancel", "id": call.id}, lambda _: None)

    async def released(self, call: TestCall) -> Released:
        """Asks the host how the work of a call ended; waits until it has."""
        while (document := self._current()) is not None:
            of = {} if document is self else {"of": self.epoch}
            try:
                return await document.ask({"op": "released", "id": call.id, **of})
            except InvokeError:
                if document is self._current():
                    break
        return "abandoned"

    async def ask(self, frame: dict[str, Any]) -> Any:
        """The host's answer to a control frame. Raises `InvokeError`."""
        await self._greeted.wait()
        if self._refusal is not None:
            raise self._refusal
        answers, done = list[FrameAnswer](), Event()

        def answered(answer: FrameAnswer) -> None:
            answers.append(answer)
            done.set()

        self._control(frame, answered)
        await done.wait()
        return answers[0].result()

    def _send_held(self) -> None:
        while self._held and self._limit is not None:
            if self._hold and len(self._in_flight) >= self._limit:
                return
            self._send(self._held.popleft())

    def _send(self, call: TestCall) -> None:
        order = call.order
        call.id = key = next(self._ids)
        head = {"e": self.epoch, "i": key, "b": order.body.kind, **order.head}
        if order.on_progress is not None:
            head["p"] = True
            self._watched[key] = call
        # Headers are ASCII without the last control character.
        text = dumps(head).replace("\x7f", "\\u007f")
        headers = [("transom", text.encode()), *order.headers]
        self._in_flight[key] = call

        def answered(answer: FrameAnswer) -> None:
            self._answered(key, answer)

        self._wire.call(self._label, self._scope, headers, order.body.data, answered)
        self.listen()
        call.sent()

    def _answered(self, key: int, answer: FrameAnswer) -> None:
        call = self._in_flight.pop(key)
        if self._hold and self._refusal is None and (full := _full_window(answer)):
            self._watched.pop(key, None)
            call.id = None
            self._held.appendleft(call)
            self.spawn(self._send_later, full.details.get("retryAfterMs", 50) / 1000)
            return
        self._send_held()
        if key not in self._watched:
            call.settle(answer)
            return

        def last_progress(pulled: FrameAnswer) -> None:
            if pulled.kind == "json":
                self._deliver(pulled)
            self._watched.pop(key, None)
            call.settle(answer)

        # Its last progress comes before its result.
        self._wire.pull(self._label, self.epoch, now=True, answered=last_progress)

    async def _send_later(self, delay: float) -> None:
        await sleep(delay)
        self._send_held()

    def _error(self, code: Any, message: str, call: TestCall) -> InvokeError:
        details = {"started": False}
        return InvokeError(code, message, command=call.command, window=self._label, details=details)

    def next(
        self, key: int, received: int, taken: int, answered: Callable[[FrameAnswer], None]
    ) -> None:
        """Asks for the next items of a stream."""
        frame = {"epoch": self.epoch, "id": key, "received": received, "taken": taken}
        self._wire.next(self._label, frame, answered)

    # Frames of the host.

    def listen(self) -> None:
        """Keeps one pull open while the host may have frames for the page."""
        wanted = bool(self._watched or self._exposed)
        if wanted and not self._pulling and self._limit is not None and self._refusal is None:
            self._pulling = True
            self._wire.pull(self._label, self.epoch, now=False, answered=self._pulled)

    def _pulled(self, answer: FrameAnswer) -> None:
        self._pulling = False
        if answer.kind == "json":
            self._deliver(answer)
            self.listen()

    def _deliver(self, answer: FrameAnswer) -> None:
        for frame in answer.result():
            match frame["t"]:
                case "progress":
                    if call := self._watched.get(frame["i"]):
                        call.told(Progress(frame["done"], frame["total"], frame["message"]))
                case "call":
                    self.spawn(self._run_exposed, frame["n"], frame["name"], frame["arg"])
                case _:
                    pass

    async def _run_exposed(self, number: int, name: str, arg: Any) -> None:
        reply = await self._outcome_of(name, arg)
        if self._refusal is None:
            self._control({"op": "reply", "call": number, **reply}, lambda _: None)

    async def _outcome_of(self, name: str, arg: Any) -> dict[str, Any]:
        exposed = self._exposed.get(name)
        if exposed is None:
            how = f'call expose("{name}", …) in it first.'
            return _thrown("NotExposed", f'The page exposes no function "{name}": {how}')
        try:
            value = exposed(arg)
            if isawaitable(value):
                value = await value
            plain = to_jsonable_python(value, inf_nan_mode="null")
            return {"ok": True, "json": dumps(plain, allow_nan=False)}
        except Exception as error:  # noqa: BLE001 - what it raises is the page's error
            return _thrown(type(error).__name__, str(error))


def _thrown(name: str, message: str) -> dict[str, Any]:
    return {"ok": False, "json": dumps({"name": name, "message": message})}


def _full_window(answer: FrameAnswer) -> InvokeError | None:
    """Holds a call again that the host refused because it was full. The call never ran."""
    if answer.kind != "error":
        return None
    error = InvokeError.of_frame(answer.value)
    return error if error.code == "overloaded" and error.details.get("scope") == "window" else None
