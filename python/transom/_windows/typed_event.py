"""Defines `TypedEvent`, an event whose payload has a type; implements `Commands.event`."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from pydantic import BaseModel

from .. import _swapping
from .._call.context import CallContext
from .._commands.signatures import is_coroutine_function
from .._native import Emitter, Event, EventTarget, Listener
from .._values.binary import check_is_json
from .._values.codec import InvalidBodyError, json_decoder
from .._values.results import ResultError, json_encoder

if TYPE_CHECKING:
    from .._native import ImplManager

PayloadT = TypeVar("PayloadT")
NAME = re.compile(r"[\w/:-]+", re.ASCII)


class _Written(BaseModel):
    """A payload that is JSON text already, for those who take models."""

    text: str

    def model_dump_json(self, **_: Any) -> str:
        return self.text


class TypedEvent(Generic[PayloadT]):
    """An event and the type of its payload: `saved = commands.event("saved", Saved)`.

    Python sends it by `saved.emit(app_handle, Saved(…))` and hears it by `saved.listen(…)`. Pages
    send and hear it by its name; `transom types` writes `listen` and `emit` for them with the types
    of all events. What goes to pages, and what comes from them, is JSON as for results and bodies
    of commands.
    """

    def __init__(self, name: str, payload: type[PayloadT], /) -> None:
        """`commands.event(name, payload)` makes one.

        Raises:
            ValueError: The name has other characters than letters, digits, `-`, `/`, `:` and `_`;
                or the payload has no JSON, as bytes have none.
        """
        if not NAME.fullmatch(name):
            raise ValueError(
                f"event name {name!r} may contain only letters, digits, `-`, `/`, `:` and `_`"
            )
        check_is_json(payload, f"the payload of the event `{name}`")
        self._name = name
        self._payload = payload
        self._encode = json_encoder(payload)
        self._decode = json_decoder(payload)

    @property
    def name(self) -> str:
        """What pages and `Listener` know it by."""
        return self._name

    @property
    def payload(self) -> type[PayloadT]:
        """The type of its payload."""
        return self._payload

    def __repr__(self) -> str:
        """Gives the name and the type."""
        return f"TypedEvent({self._name!r}, {self._payload!r})"

    def emit(self, to: "ImplManager | CallContext", payload: PayloadT, /) -> None:
        """Sends the event: to everyone by a manager, to the window that called by `ctx`.

        It does what `Emitter.emit` and `ctx.emit` do, and raises what they raise. In a worker
        process there is `ctx` only.

        Raises:
            ValueError: The payload does not fit its type.
        """
        text = self._written(payload)
        if isinstance(to, CallContext):
            to.emit(self._name, _Written.model_construct(text=text))
        else:
            Emitter.emit_str(to, self._name, text)

    def emit_to(self, manager: "ImplManager", target: EventTarget, payload: PayloadT, /) -> None:
        """Sends the event to `target`, and to listeners that name no target: `Emitter.emit_to`.

        Raises:
            ValueError: The payload does not fit its type.
        """
        Emitter.emit_str_to(manager, target, self._name, self._written(payload))

    def listen(
        self,
        manager: "ImplManager",
        handler: Callable[[PayloadT], object],
        /,
        *,
        bound: int | None = None,
        on_full: Literal["drop", "latest", "wait-off-thread"] = "drop",
    ) -> int:
        """Calls `handler(payload)`, a `def` or an `async def`, for every such event.

        It does what `Listener.listen` does. An event whose payload does not fit its type is logged,
        and the handler is not called. `Listener.unlisten(manager, id)` ends it.

        Returns:
            The id.
        """
        heard = self._heard_by(handler)
        return Listener.listen(manager, self._name, heard, bound=bound, on_full=on_full)

    def once(self, manager: "ImplManager", handler: Callable[[PayloadT], object], /) -> int:
        """Calls `handler(payload)` for the next such event only, as `Listener.once`.

        It is spent by one whose payload does not fit, too.

        Returns:
            The id.
        """
        return Listener.once(manager, self._name, self._heard_by(handler))

    def _written(self, payload: PayloadT) -> str:
        try:
            return self._encode(payload)
        except ResultError as error:
            raise ValueError(f"the event `{self._name}` cannot carry this: {error}") from error

    def _heard_by(self, handler: Callable[[PayloadT], object]) -> Callable[[Event], object]:
        if is_coroutine_function(handler):

            async def hear_async(event: Event) -> object:
                awaitable: Any = _swapping.latest(handler)(self._read(event))
                return await awaitable

            return hear_async

        def hear(event: Event) -> object:
            return _swapping.latest(handler)(self._read(event))

        return hear

    def _read(self, event: Event) -> PayloadT:
        try:
            return self._decode(event.payload.encode())
        except (InvalidBodyError, UnicodeEncodeError) as error:
            raise ValueError(f"the event `{self._name}` came with what is none: {error}") from error
