"""Stream commands: their items go to the page one by one, as its credit allows."""

import inspect
from collections import abc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any, cast, get_args, get_origin

from anyio import Event, move_on_after, to_thread
from anyio.lowlevel import checkpoint

from ._answers import pusher
from ._interrupt import raise_cancelled
from ._native import Call
from .errors import Cancelled

CLEAN_UP = 5.0
"""Seconds that the `finally` of a closed async generator has."""
TURN = 128
"""Items after which other tasks of the event loop get their turn."""

ASYNC = (abc.AsyncIterator, abc.AsyncIterable, abc.AsyncGenerator)
PLAIN = (abc.Iterator, abc.Iterable, abc.Generator)

WaitForCredit = Callable[[Call], Awaitable[None]]
"""Waits, after a push that found no credit, until another try is worth it."""


def item_type(returns: Any) -> Any:
    """The type of the items, if a function that returns this is a stream command; else `None`."""
    kind = get_origin(returns) or returns
    if kind not in (*ASYNC, *PLAIN):
        return None
    return (*get_args(returns), Any)[0]


def is_generator(func: Callable[..., Any]) -> bool:
    """Whether calling `func` gives a generator, async or not."""
    return inspect.isasyncgenfunction(func) or inspect.isgeneratorfunction(func)


def returns_async(returns: Any) -> bool:
    """Whether a function that returns this gives an async iterator."""
    return (get_origin(returns) or returns) in ASYNC


class StreamHandler:
    """A stream command: its body comes as bytes, its items go as JSON text (`str`) or bytes."""

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
        """Calls the command: gives its items, or what to await for them."""
        if self._decode:
            arguments["body"] = self._decode(arguments["body"])
        return self.__wrapped__(**arguments)

    async def run(self, call: Call, arguments: dict[str, Any], wait: WaitForCredit) -> str:
        """Sends every item. Gives the result of the call: JSON's `null`."""
        source = self(**arguments)
        if inspect.isawaitable(source):
            source = await source
        items: AsyncIterator[Any] = aiter(source) if hasattr(source, "__aiter__") else _each(source)
        encode, push, count = self._encode, pusher(call), 0
        try:
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
        except BaseException:
            await _aclose(items)
            raise
        return "null"

    def run_blocking(self, call: Call, arguments: dict[str, Any]) -> str:
        """Sends every item from this thread. Gives the result of the call: JSON's `null`."""
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


async def _aclose(items: AsyncIterator[Any]) -> None:
    """Runs what the generator has in its `finally`, though the call is cancelled."""
    if aclose := cast("Callable[[], Awaitable[None]] | None", getattr(items, "aclose", None)):
        with move_on_after(CLEAN_UP, shield=True):
            await aclose()


class Credits:
    """The streams of one event loop that wait for credit."""

    def __init__(self) -> None:
        self._waiting: dict[int, Event] = {}

    async def wait(self, call: Call) -> None:
        """Waits until `wake` is told of the call."""
        event = self._waiting[call.id] = Event()
        try:
            await event.wait()
        finally:
            del self._waiting[call.id]

    def wake(self, key: int) -> None:
        """There is credit for the call of this id, or it is over."""
        if event := self._waiting.get(key):
            event.set()


async def wait_in_thread(call: Call) -> None:
    """Waits on a loop that gets no mail."""
    await to_thread.run_sync(call.wait_for_credit, abandon_on_cancel=True)
