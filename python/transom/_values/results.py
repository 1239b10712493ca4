"""Encodes results by their annotation: bytes as they are, everything else as JSON.

A value is validated against the annotation, and written as the annotation says: a model by the
fields of the class that is declared, whatever else a subclass has.
"""

import inspect
from collections.abc import Callable, Coroutine
from contextlib import suppress
from json import loads
from types import UnionType
from typing import Any, Union, cast, get_args, get_origin

from pydantic import BaseModel, SerializeAsAny, TypeAdapter
from pydantic_core import PydanticSerializationError, from_json

from .._observe.failures import describe
from ..errors import TransomError
from .adapters import adapter_of
from .binary import NOTHING, Member, Shape, number_of, raw, unwrapped
from .ready import JsonText, text_of
from .revalidating import checker_of

Encoded = str | bytes | memoryview
"""JSON text or bytes. The bytes of a `memoryview`, which is flat, are read at once."""
Encode = Callable[[Any], Encoded]
Dump = Callable[[Any, Any], str]
"""Writes a value as JSON. It gets the value, and a validated copy of it."""

BYTES = (bytes, bytearray, memoryview)


class ResultError(TransomError):
    """The result cannot be sent. The text is pydantic's."""


def encoder_of(shape: Shape) -> Encode:
    """The function that encodes a result of this shape. It raises `ResultError`."""
    if shape.bytes is None:
        return _ready_encoder if is_ready(shape.rest) else json_encoder(shape.rest)
    encode_bytes = _bytes_encoder(shape.bytes)
    if shape.rest is NOTHING:
        return encode_bytes
    encode_json = json_encoder(shape.rest)

    def encode(value: Any) -> Encoded:
        if isinstance(value, BYTES):
            return encode_bytes(value)
        try:
            return encode_json(value)
        except ResultError:
            with suppress(ResultError):
                return encode_bytes(value)  # an array, say
            raise

    return encode


def is_ready(annotation: Any) -> bool:
    """Whether values come as JSON text."""
    return unwrapped(annotation)[0] is JsonText


def _ready_encoder(value: Any) -> str:
    """The host checks the text of a result, without making values of it."""
    try:
        return text_of(value)
    except Exception as error:
        raise refusal(value, error) from error


def _ready_item_encoder(value: Any) -> str:
    """An item becomes part of a batch, which one that is no JSON would spoil."""
    try:
        text = text_of(value)
        _check_syntax(text, "the command")
    except Exception as error:
        raise refusal(value, error) from error
    return text


def item_encoder_of(shape: Shape) -> Encode:
    """The function that encodes each item of a stream. It raises `ResultError`."""
    return _ready_item_encoder if is_ready(shape.rest) else encoder_of(shape)


def _bytes_encoder(member: Member) -> Encode:
    make, check = member.made, member.check

    def encode(value: Any) -> bytes | memoryview:
        try:
            data = raw(value)
            return data if check is None else raw(check(make(data)))
        except Exception as error:
            raise refusal(value, error) from error

    return encode


def json_encoder(annotation: Any) -> Callable[[Any], str]:
    """The function that writes values of this type as JSON. It raises `ResultError`."""
    annotation = _with_all_fields(annotation)
    adapter = adapter_of(annotation, "`return`")
    # Those of the adapter itself take half a microsecond more.
    validate, check = adapter.validator.validate_python, checker_of(adapter)
    dump = _dump_of(adapter)
    if _writes_itself(annotation):
        dump = _dump_by_itself(annotation)

    def encode(value: Any) -> str:
        try:
            value = validate(value)
            return dump(value, value if check is None else check(value))
        except Exception as error:
            raise refusal(value, error) from error

    return encode


def refusal(value: Any, error: Exception) -> ResultError:
    """The error of a result that cannot be sent."""
    if inspect.iscoroutine(value):
        cast("Coroutine[Any, Any, Any]", value).close()
        error = TypeError(
            "the command returned a coroutine, which nobody awaits: write `async def`"
        )
    return ResultError(describe(error))


def _with_all_fields(annotation: Any) -> Any:
    """Makes `BaseModel`, which declares no fields, stand for all fields of the actual model."""
    if annotation is BaseModel:
        return SerializeAsAny[BaseModel]
    parts = get_args(annotation)
    changed = tuple(map(_with_all_fields, parts))
    if changed == parts:
        return annotation
    kind = get_origin(annotation)
    # Their number is known here only.
    return Union[changed] if kind is UnionType else kind[changed]  # noqa: UP007


def _dump_of(adapter: TypeAdapter[Any]) -> Dump:
    to_json = adapter.serializer.to_json

    def dump(value: Any, checked: Any) -> str:
        try:
            return to_json(value, warnings="error").decode()
        except PydanticSerializationError:
            # A value that passes for what is declared, such as a text for a number, became it in
            # the copy. Else this raises again.
            return to_json(checked, warnings=False, fallback=number_of).decode()

    return dump


def _writes_itself(annotation: Any) -> bool:
    """Whether it is a model that overrides `model_dump_json`."""
    return (
        inspect.isclass(annotation)
        and issubclass(annotation, BaseModel)
        and annotation.model_dump_json is not BaseModel.model_dump_json
    )


def _dump_by_itself(model: type[BaseModel]) -> Dump:
    def dump(value: Any, checked: Any) -> str:
        text: Any = (value if type(value) is model else checked).model_dump_json()
        if isinstance(text, str):
            _check_syntax(text, "`model_dump_json`")
        elif not isinstance(text, bytes):
            raise TypeError(f"`model_dump_json` returned {type(text).__name__}, not JSON text")
        return cast("str", text)

    return dump


def _check_syntax(text: str, origin: str) -> None:
    """Raises `ValueError` for what is no JSON: pydantic has not written it.

    A worker takes all other texts as they are, and the host ends a worker that sends nonsense.
    """
    try:
        data = text.encode()
        with suppress(ValueError):
            from_json(data)
            return
        loads(text)  # nested too deep for pydantic, or with halves of characters as escapes
    except RecursionError:
        raise ValueError(f"{origin} returned JSON that is nested too deep") from None
    except ValueError as error:
        raise ValueError(f"{origin} returned no JSON: {error}") from None
