"""Channels: what the page opened, Python sends through."""

from typing import Annotated, Any, Generic, Self

from pydantic import BaseModel, GetPydanticSchema, RootModel
from pydantic_core import core_schema
from typing_extensions import Buffer, TypeVar

from ._bytes import raw
from ._context import CallContext
from ._native import Channel as NativeChannel
from ._native import JavaScriptChannelId as NativeId
from .webview import Webview

ModelT = TypeVar("ModelT", bound=BaseModel, default=Any, infer_variance=True)


class Channel(Generic[ModelT]):
    """Sends messages to one page, in order, JSON and bytes mixed; from any thread.

    Ends on the page when the last reference to it is gone; in a worker process, with its call.
    There a send waits while 1,024 messages or 256 KiB are on their way to a page that is slower.
    """

    def __init__(self, native: NativeChannel, /) -> None:
        self._native = native

    def id(self) -> int:
        """Number of the channel on its page."""
        return self._native.id()

    def send(self, data: str | Buffer, /) -> None:
        """Send JSON text (`str`), or bytes (an `ArrayBuffer` on the page). Never waits in the host.

        Bytes are those of anything with a buffer of plain numbers.

        Raises `ValueError` for text that is not JSON, `WindowClosed` when the window is gone,
        `TypeError` for what has no bytes; in a worker process `Cancelled` when its call is
        cancelled while it waits.
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
        """Send a model as JSON, as `send` does."""
        self._native.send(model.model_dump_json())


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
        """
        if isinstance(target, CallContext):
            return Channel(target.open_channel(self.root.number))
        return Channel(self.root.channel_on(target))
