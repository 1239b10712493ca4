"""Decodes bodies and encodes results: bytes as they are, everything else as JSON with pydantic."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import wraps
from inspect import Signature, formatannotation
from typing import Any, NamedTuple

from pydantic import ValidationError

from .._call.streams import StreamHandler, is_generator, item_type, returns_async
from .._commands.parameters import ParameterKind, ParametersType
from .._commands.signatures import is_coroutine_function, name_of, signature_of
from .._observe.failures import describe
from ..errors import TransomError
from .adapters import adapter_of
from .binary import ANYTHING, NOTHING, Member, shape_of
from .results import Encode, Encoded, encoder_of, item_encoder_of

CommandHandler = Callable[..., Encoded] | Callable[..., Awaitable[Encoded]] | StreamHandler
"""A command whose body is bytes and whose result, or each item, is `Encoded`. In a worker the bytes
of a body are a `bytearray` or a `memoryview`. Of a command that takes bytes as well as JSON, bytes
come as a `RawBody`.
"""
BytesLike = bytes | bytearray | memoryview


class RawBody(NamedTuple):
    """A body that the page sent as bytes."""

    data: BytesLike


class InvalidBodyError(TransomError):
    """The body does not fit the command. The text is pydantic's."""

    def __init__(self, cause: ValidationError) -> None:
        super().__init__(describe(cause))
        self.cause = cause


def _decoder(annotation: Any) -> Callable[[Any], Any]:
    shape = shape_of(annotation)
    member = shape.bytes
    if member is None:
        return json_decoder(shape.rest)
    decode_bytes = _bytes_decoder(member)
    if shape.rest is NOTHING:
        return decode_bytes
    decode_rest, decode_text = json_decoder(shape.rest), json_decoder(bytes)

    def decode(body: BytesLike | RawBody) -> Any:
        if isinstance(body, RawBody):
            return decode_bytes(body.data)
        try:
            return decode_rest(body)
        except InvalidBodyError:
            # As in pydantic a text passes for bytes.
            with suppress(InvalidBodyError):
                return decode_bytes(decode_text(body))
            raise

    return decode


def _bytes_decoder(member: Member) -> Callable[[BytesLike], Any]:
    make, check = member.made, member.check
    if check is None:
        return make

    def decode(body: BytesLike) -> Any:
        try:
            return check(make(body))
        except ValidationError as error:
            raise InvalidBodyError(error) from error

    return decode


def json_decoder(annotation: Any) -> Callable[[BytesLike], Any]:
    """The function that reads values from JSON. It raises `InvalidBodyError`."""
    validate = adapter_of(annotation, "`body`").validator.validate_json

    def decode(body: BytesLike) -> Any:
        try:
            return validate(bytes(body) if isinstance(body, memoryview) else body)
        except ValidationError as error:
            raise InvalidBodyError(error) from error

    return decode


def wrap_pyfunc(func: Callable[..., Any], parameters: ParametersType, /) -> CommandHandler:
    """`func` with a `body` of bytes and a result that is `Encoded`."""
    returns = signature_of(func).return_annotation
    if returns is Signature.empty:
        raise ValueError(
            "Expected the return value to have type annotation, but got empty. "
            "Please explicitly use `def foo() -> None:` instead."
        )
    body = next((p for p in parameters.values() if p.kind is ParameterKind.BODY), None)
    decode = _decoder(body.annotation) if body else None
    item = item_type(returns)
    if item is not None:
        return StreamHandler(func, decode, _item_encoder(func, item), asynchronous=is_async(func))
    if is_generator(func):
        raise ValueError(
            f"`{name_of(func)}` is a generator: annotate what it yields, as in "
            f"`-> {'AsyncIterator' if is_async(func) else 'Iterator'}[{returns!r}]`."
        )
    encode = encoder_of(shape_of(returns))

    if is_async(func):

        @wraps(func)
        async def async_handler(**kwargs: Any) -> Encoded:
            if decode:
                kwargs["body"] = decode(kwargs["body"])
            return encode(await func(**kwargs))

        return async_handler

    @wraps(func)
    def handler(**kwargs: Any) -> Encoded:
        if decode:
            kwargs["body"] = decode(kwargs["body"])
        return encode(func(**kwargs))

    return handler


def _item_encoder(func: Callable[..., Any], item: Any) -> Encode:
    shape = shape_of(item)
    if shape.bytes is not None and shape.rest is not NOTHING and shape.rest not in ANYTHING:
        raise ValueError(
            f"`{name_of(func)}` yields `{formatannotation(item)}`: the items of a stream are all "
            "bytes or all JSON. Yield one of them, or send bytes through a channel."
        )
    return item_encoder_of(shape)


def fits_a_message(parameters: ParametersType, handler: CommandHandler) -> bool:
    """Whether a call can come as a script message: it needs neither headers nor raw bytes."""
    if isinstance(handler, StreamHandler):
        return False
    if any(p.kind is ParameterKind.HEADERS for p in parameters.values()):
        return False
    try:
        shape = shape_of(signature_of(handler).return_annotation)
    except (TypeError, ValueError):
        return False  # a handler of one's own: who knows what it gives
    return shape.bytes is None or shape.rest in ANYTHING


def is_async(func: Callable[..., Any]) -> bool:
    """Whether `func` runs on an event loop: it returns a coroutine or an async iterator."""
    if isinstance(func, StreamHandler):
        return func.asynchronous
    return is_coroutine_function(func) or returns_async(signature_of(func).return_annotation)
