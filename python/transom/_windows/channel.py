"""Defines `Channel`, by which Python sends messages to a channel that a page has opened."""

from typing import Annotated, Any, Generic, Self

from pydantic import BaseModel, GetPydanticSchema, RootModel
from pydantic_core import core_schema
from typing_extensions import Buffer, TypeVar

from .._call.context import CallContext
from .._native import Channel as NativeChannel
from .._native import JavaScriptChannelId as NativeId
from .._values.binary import raw
from .._values.models import json_of
from ..webview import Webview

ModelT = TypeVar("ModelT", bound=BaseModel, default=Any, infer_variance=True)


class Channel(Generic[ModelT]):
    """Sends messages to one page, in order, JSON and bytes mixed; from any thread.

    Ends on the page when the last reference to it is gone; in a worker process, with its call.
    A send waits while more is on its way to the page than a page that works ever has: 131,072
    messages or 64 MiB of its window; in a worker process 1,024 messages or 256 KiB of its call.
    """

    def __init__(self, native: NativeChannel, /) -> None:
        self._native = native

    def id(self) -> int:
        """Number of the channel on its page."""
        return self._native.id()

    def send(self, data: str | Buffer, /) -> None:
        """Send JSON text (`str`), or bytes (an `ArrayBuffer` on the page).

        Bytes are those of anything with a buffer of plain numbers.

        Raises `ValueError` for text that is not JSON, `WindowClosed` when the window is gone,
        `TypeError` for what has no bytes; `Cancelled` when its call is cancelled while it waits;
        `PageBehind` where it would have to wait and nobody may: on the thread of an event loop of
        the host, in a plain callback, on the UI thread.
        """
        if not isinstance(data, str | bytes):
            data = self._bytes_of(data)
        self._native.send(data)

    @staticmethod
    def _bytes_of(data: object) -> bytes:
        try:
            return bytes(raw(data))
        except TypeError as error:
            raise TypeError(f"a channel sends JSON text (str) or bytes: {error}") from None

    def send_model(self, model: ModelT, /) -> None:
        """Send a model as JSON, as `send` does. `TypeError`: it is no pydantic model."""
        if not hasattr(model, "model_dump_json"):
            raise TypeError(
                f"`send_model` sends a pydantic BaseModel, got {type(model).__name__}; for JSON "
                "text and bytes there is `send`"
            )
        self._native.send(json_of(model))


def _id_schema(_source: Any, _handler: Any) -> core_schema.CoreSchema:
    return core_schema.no_info_after_validator_function(
        NativeId.from_str,
        core_schema.str_schema(),
        serialization=core_schema.to_string_ser_schema(when_used="always"),
    )


class JavaScriptChannelId(
    RootModel[Annotated[NativeId, GetPydanticSchema(_id_schema)]],
    Generic[ModelT],
):
    """Id of a channel of the page: a whole `body`, or a field of one.

    `JavaScriptChannelId[Progress]` gives a `Channel[Progress]`.
    """

    @classmethod
    def from_str(cls, value: str, /) -> Self:
        """Read `__CHANNEL__:<number>`. Raises `ValueError` for anything else."""
        return cls.model_construct(NativeId.from_str(value))

    def channel_on(self, target: CallContext | Webview, /) -> Channel[ModelT]:
        """Give the channel on the page that sent this id: the one that called, or of a webview.

        Raises:
            WindowClosed: The window that called is gone.
            RuntimeError: The call has ended, or the channel has: the calls that opened it before
                are over, and nobody kept it.
        """
        if isinstance(target, CallContext):
            return Channel(target.open_channel(self.root.number))
        return Channel(self.root.channel_on(target))
