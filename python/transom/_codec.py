"""Bodies in, results out: bytes as they are, all else as JSON through pydantic."""

import inspect
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from pydantic import BaseModel, PydanticSchemaGenerationError, PydanticUserError, TypeAdapter
from pydantic import ValidationError as PydanticValidationError

from ._parameters import Kind, ParametersType, signature_of
from ._streams import StreamHandler, is_generator, item_type, returns_async

Encoded = str | bytes | memoryview
"""JSON text or bytes. The bytes of a `memoryview`, which is flat, are taken at once."""
Handler = Callable[..., Encoded] | Callable[..., Awaitable[Encoded]] | StreamHandler
"""A command whose body is bytes and whose result, or each item, is `Encoded`. In a worker the bytes
of a body are a `bytearray` or a `memoryview`.
"""


class InvalidBodyError(Exception):
    """The body does not fit the command; its text is pydantic's."""

    def __init__(self, cause: PydanticValidationError) -> None:
        super().__init__(repr(cause))
        self.cause = cause


class ResultError(Exception):
    """The result cannot be sent; its text is pydantic's."""


def _adapter(annotation: Any, what: str) -> TypeAdapter[Any]:
    try:
        return TypeAdapter(annotation)
    except (PydanticSchemaGenerationError, PydanticUserError) as error:
        raise ValueError(
            f"Failed to convert `{annotation}` type to pydantic Model, "
            f"please explicitly use BaseModel or bytes as {what} type annotation instead."
        ) from error


def _decoder(annotation: Any) -> Callable[[Any], Any]:
    if annotation is bytes:
        return bytes
    if annotation is memoryview:
        return _read_only
    validate = _adapter(annotation, "`body`").validate_json

    def decode(body: bytes | bytearray | memoryview) -> Any:
        try:
            return validate(bytes(body) if isinstance(body, memoryview) else body)
        except PydanticValidationError as error:
            raise InvalidBodyError(error) from error

    return decode


def _read_only(body: bytes | bytearray | memoryview) -> memoryview:
    return memoryview(body).toreadonly()


def _encoder(annotation: Any) -> Callable[[Any], Encoded]:
    if annotation is bytes or annotation is memoryview:
        return _raw
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _encode_model
    adapter = _adapter(annotation, "`return`")

    def encode(value: Any) -> str:
        try:
            return adapter.dump_json(adapter.validate_python(value)).decode()
        except Exception as error:
            raise ResultError(repr(error)) from error

    return encode


def _raw(value: Any) -> bytes | memoryview:
    """The bytes of `value`, which is not copied where it need not be."""
    if isinstance(value, bytes):
        return value
    try:
        view = memoryview(value)
    except TypeError as error:
        wanted = TypeError(f"expected bytes, got {type(value).__name__}")
        raise ResultError(repr(wanted)) from error
    try:
        return view.cast("B")
    except (TypeError, ValueError):  # it is not in one piece, or of a kind that has no name in C
        return view.tobytes()


def _encode_model(value: Any) -> str:
    try:
        return value.model_dump_json()
    except Exception as error:
        raise ResultError(repr(error)) from error


def wrap_pyfunc(func: Callable[..., Any], parameters: ParametersType, /) -> Handler:
    """`func` with a `body` of bytes and a result that is `Encoded`."""
    returns = signature_of(func).return_annotation
    if returns is inspect.Signature.empty:
        raise ValueError(
            "Expected the return value to have type annotation, but got empty. "
            "Please explicitly use `def foo() -> None:` instead."
        )
    body = next((p for p in parameters.values() if p.kind is Kind.BODY), None)
    decode = _decoder(body.annotation) if body else None
    item = item_type(returns)
    if item is not None:
        return StreamHandler(func, decode, _encoder(item), asynchronous=is_async(func))
    if is_generator(func):
        raise ValueError(
            f"`{func.__qualname__}` is a generator: annotate what it yields, as in "
            f"`-> {'AsyncIterator' if is_async(func) else 'Iterator'}[{returns!r}]`."
        )
    encode = _encoder(returns)

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


def fits_a_message(parameters: ParametersType, handler: Handler) -> bool:
    """Whether a call needs nothing that only a request has: headers, and bytes as they are."""
    if isinstance(handler, StreamHandler):
        return False
    if any(p.kind is Kind.HEADERS for p in parameters.values()):
        return False
    try:
        return signature_of(handler).return_annotation is not bytes
    except (TypeError, ValueError):
        return False  # a handler of one's own: who knows what it gives


def is_async(func: Callable[..., Any]) -> bool:
    """Whether `func` runs on an event loop: it gives a coroutine or an async iterator."""
    if isinstance(func, StreamHandler):
        return func.asynchronous
    call = getattr(func, "__call__", None)  # noqa: B004 - the method, not whether there is one
    kinds = (inspect.iscoroutinefunction, inspect.isasyncgenfunction)
    return any(kind(it) for kind in kinds for it in (func, call)) or returns_async(
        signature_of(func).return_annotation
    )
