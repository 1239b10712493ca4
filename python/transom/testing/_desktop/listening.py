"""Keeps the listeners of an app's events, and has them called."""

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

from ..._native import Event
from .lanes import Hearing, LaneHandler, Lanes
from .window import Webview


class Audience(NamedTuple):
    """Who hears an event, besides those who hear everything."""

    app: bool
    """Whether those do that listen at the app."""
    windows: Callable[[str], bool]
    """Of which windows, by label, those do that listen at a window."""


MOST = 10_000_000
"""The largest `bound` of a listener."""
POLICIES = ("drop", "latest", "wait-off-thread")


def check_event_name(name: str) -> None:
    """`ValueError` for a name that an app would refuse."""
    if not all(it.isalnum() or it in "-/:_" for it in name):
        raise ValueError(
            f"event name {name!r} may contain only letters, digits, `-`, `/`, `:` and `_`"
        )


def check_capacity(bound: int | None = None, on_full: str = "drop") -> None:
    """`TypeError` or `ValueError` for what an app would refuse."""
    if bound is not None:
        if not isinstance(bound, int) or isinstance(bound, bool):  # pyright: ignore[reportUnnecessaryIsInstance]
            kind = type(bound).__name__
            raise TypeError(f"`bound` is a number of events, an `int`, got {kind}")
        if not 1 <= bound <= MOST:
            raise ValueError(f"`bound` is 1 to {MOST} events, not {bound}")
    if on_full not in POLICIES:
        raise ValueError(f'`on_full` is "drop", "latest" or "wait-off-thread", not {on_full!r}')


class HeardEvent:
    """A double of an `Event`, which only an app can make."""

    def __init__(self, number: int, payload: str) -> None:
        self.id = number
        self.payload = payload

    @property
    def __class__(self) -> Any:
        return Event

    @__class__.setter
    def __class__(self, _: type) -> None:
        raise TypeError("an Event stays one")


def _every(_: str) -> bool:
    return True


EVERYONE = Audience(True, _every)


class EventListener:
    """A handler, and what it hears."""

    def __init__(
        self,
        event: str,
        handler: Callable[..., Any],
        *,
        of: str | None,
        everything: bool,
        once: bool,
        owner: Webview | None,
    ) -> None:
        """`of` is the label of the window that it listens at, `None`: at the app. With `everything`
        it hears the event whoever that is sent to. `owner` is the page that it belongs to, and ends
        with.
        """
        self.event = event
        self.of = of
        self.everything = everything
        self.once = once
        self.owner = owner
        self.ended = False
        """Whether it hears nothing any more, nor what waits for it."""

        @wraps(handler)
        def hear(heard: object) -> Any:
            if self.ended:
                return _nothing() if self.handler.is_async else None
            return handler(heard)

        self.handler: LaneHandler = LaneHandler(handler)
        self.handler.func = hear

    def hears(self, event: str, audience: Audience) -> bool:
        if self.event != event:
            return False
        own = audience.app if self.of is None else audience.windows(self.of)
        return own or self.everything


async def _nothing() -> None:
    pass


class EventListeners:
    """Listeners by id, in the order in which they were added. It is used under the lock of the
    desktop.

    All events wait for their handlers: none is lost, and nobody waits for room.
    """

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes
        self._all: dict[int, EventListener] = {}
        self._last = 0
        self.hearing: Hearing = Hearing()
        """Ends whenever no handler has anything to do."""
        self.hearing.end()

    def add(self, listener: EventListener) -> int:
        """Returns its id."""
        self._last += 1
        self._all[self._last] = listener
        return self._last

    def remove(self, number: int, owner: Webview | None) -> None:
        """Ends one, for a page only if it is the page's own."""
        listener = self._all.get(number)
        if listener is not None and owner in (None, listener.owner):
            listener.ended = True
            del self._all[number]

    def end_of(self, owner: Webview) -> None:
        """Ends those of a page that is gone."""
        for number, it in list(self._all.items()):
            if it.owner is owner:
                it.ended = True
                del self._all[number]

    def tell(self, event: str, payload: str, audience: Audience) -> None:
        """`payload` is JSON text."""
        for number, listener in list(self._all.items()):
            if listener.hears(event, audience):
                if listener.once:
                    del self._all[number]
                heard = HeardEvent(number, payload)
                self.hearing.add()
                self._lanes.post(listener.handler, (heard,), self.hearing.end)
