"""Runs stream commands: sends their items to the page one by one, as its credit allows."""

import inspect
from collections import abc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any, cast, get_args, get_origin

from anyio import CancelScope, Event, current_time, to_thread
from anyio.lowlevel import checkpoint

from .._native import Call
from .._observe.causes import inner, note_earlier, only
from .._values.answers import pusher
from ..errors import Cancelled
from .interrupt import raise_cancelled

CLEAN_UP = 5.0
"""How many seconds the `finally` of a closed async generator may take."""
TURN = 128
"""After this many items, other tasks of the event loop get their turn."""

ASYNC = (abc.AsyncIterator, abc.AsyncIterable, abc.AsyncGenerator)
PLAIN = (abc.Iterator, abc.Iterable, abc.Generator)

WaitForCredit = Callable[[Call], Awaitable[None]]
"""Waits, after a push that found no credit, until another push may succeed."""


def item_type(returns: Any) -> Any:
    """The type of the items if the return type makes a function a stream command, else `None`."""
    kind = get_origin(returns) or returns
    if kind not in (*ASYNC, *PLAIN):
        return None
    return (*get_args(returns), Any)[0]


def is_generator(func: Callable[..., Any]) -> bool:
    """Whether calling `func` gives a generator, async or not."""
    return inspect.isasyncgenfunction(func) or inspect.isgeneratorfunction(func)


def returns_async(returns: Any) -> bool:
    """Whether the return type says that a function returns an async iterator."""
    return (get_origin(returns) or returns) in ASYNC


class StreamHandler:
    """A stream command. Its body comes as bytes; its items go as JSON text (`str`) or bytes."""

    def __init__(
        self,
        func: Callable[..., Any],
        decode: Callable[[bytes], Any] | None,
        encode: Callable[[Any], str | bytes | memoryview],
        *,
        asynchronous: bool,
    ) -> None:
        self.__wrapped__ = func
        self.asynchronous = asynchronous
        """Whether it runs on an event loop (`run`) or in a thread (`run_blocking`)."""
        self._decode = decode
        self._encode = encode

    def __call__(self, **arguments: Any) -> Any:
        """Calls the command. Returns its items, or an awaitable of them."""
        if self._decode:
            arguments["body"] = self._decode(arguments["body"])
        return self.__wrapped__(**arguments)

    async def run(self, call: Call, arguments: dict[str, Any], wait: WaitForCredit) -> str:
        """Sends every item. Returns the result of the call: JSON's `null`."""
        source = self(**arguments)
        if inspect.isawaitable(source):
            source = await source
        items: AsyncIterator[Any] = aiter(source) if hasattr(source, "__aiter__") else _each(source)
        failure: BaseException | None = None
        try:
            # Opened before the generator's own scopes: they end in the order opposite to that in
            # which they began, so one that is opened for the clean-up would come too late.
            with CancelScope() as clean_up:
                try:
                    await self._send_each(items, call, wait)
                except BaseException as error:
                    failure = error
                    clean_up.deadline, clean_up.shield = current_time() + CLEAN_UP, True
                    await _aclose(items, error)
                    raise
            if failure is not None:  # the clean-up took too long
                raise failure
        finally:
            del failure  # it holds this frame
        return "null"

    async def _send_each(self, items: AsyncIterator[Any], call: Call, wait: WaitForCredit) -> None:
        encode, push, count = self._encode, pusher(call), 0
        async for item in items:
            data = encode(item)
            sent = push(data)
            while sent is False:
                await wait(call)
                sent = push(data)
            if sent is None:
                raise Cancelled
            count += 1
            if count % TURN == 0:
                await checkpoint()

    def run_blocking(self, call: Call, arguments: dict[str, Any]) -> str:
        """Sends every item from this thread. Returns the result of the call: JSON's `null`."""
        items = iter(self(**arguments))
        encode, push = self._encode, pusher(call)
        try:
            for item in items:
                data = encode(item)
                while (sent := push(data)) is False:
                    call.wait_for_credit()
                if sent is None:
                    raise_cancelled()
        except BaseException:
            if close := getattr(items, "close", None):
                close()
            raise
        return "null"


async def _each(source: Iterable[Any]) -> AsyncIterator[Any]:
    for item in source:
        yield item


async def _aclose(items: AsyncIterator[Any], failure: BaseException) -> None:
    """Runs the generator's `finally` blocks, after this failure."""
    if aclose := cast("Callable[[], Awaitable[None]] | None", getattr(items, "aclose", None)):
        try:
            await aclose()
        except BaseException as error:
            # What a task group makes of the `GeneratorExit` that it lets through.
            if inner(error) and only((GeneratorExit,), error):
                return
            # A generator that is closed at a `yield` does not see what is handled here.
            note_earlier(error, failure)
            raise


class Credits:
    """The streams of one event loop that wait for credit."""

    def __init__(self) -> None:
        self._waiting: dict[int, Event] = {}

    async def wait(self, call: Call) -> None:
        """Waits until `wake` is called for the call."""
        event = self._waiting[call.id] = Event()
        try:
            await event.wait()
        finally:
            del self._waiting[call.id]

    def wake(self, key: int) -> None:
        """Wakes the call with this id, because there is credit for it or it has ended."""
        if event := self._waiting.get(key):
            event.set()


async def wait_in_thread(call: Call) -> None:
    """Waits for credit, on a loop that gets no messages."""
    await to_thread.run_sync(call.wait_for_credit, abandon_on_cancel=True)
