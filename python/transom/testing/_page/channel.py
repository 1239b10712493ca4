"""Defines the channels of a test's pages."""

from collections.abc import Callable
from typing import Any, Self

from anyio import Event

from .wire import FrameAnswer, Wire


class TestChannel(str):
    """A channel that a page has opened, as `new Channel()`: put it into a body.

    `TestWindow.channel()` makes it. As a `str` it is what a page sends for it.
    """

    __slots__ = ("_came", "_check_loop", "messages")
    __test__ = False
    messages: list[Any]
    """The messages so far: parsed JSON, or `bytes`."""

    def __new__(cls, wire: Wire) -> Self:
        number = wire.number()
        self = super().__new__(cls, f"__CHANNEL__:{number}")
        self.messages = []
        self._check_loop = wire.check_loop
        self._came = Event()
        wire.open_channel(number, self._receive)
        return self

    def _receive(self, message: FrameAnswer) -> None:
        self.messages.append(message.result())
        self._came.set()

    async def wait_for(self, reached: Callable[[list[Any]], bool]) -> list[Any]:
        """Waits until `reached(messages)` is true, and returns the messages.

        It may wait for ever: put it into `anyio.fail_after`.
        """
        self._check_loop()
        while not reached(self.messages):
            self._came = Event()
            await self._came.wait()
        return self.messages
