"""Results out: bytes as they are, all else as JSON, by what the annotation declares.

A value is validated against the annotation, and written as the annotation says: a model by the
fields of the class that is declared, whatever else a subclass has.
"""

import inspect
from collections.abc import Callable, Coroutine
from contextlib import suppress
from types import UnionType
from typing import Any, Union, cast, get_args, get_origin

from pydantic import BaseModel, SerializeAsAny, TypeAdapter
from pydantic_core import PydanticSerializationError

from ._adapters import adapter_of
from ._bytes import NOTHING, Member, Shape, raw
from ._revalidating import checker_of

Encoded = str | bytes | memoryview
"""JSON text or bytes. The bytes of a `memoryview`, which is flat, are taken at once."""
Encode = Callable[[Any], Encoded]
Dump = Callable[[Any, Any], str]
"""Writes a valid value, of which there is a copy whose instances are valid, too."""

BYTES = (bytes, bytearray, memoryview)


class ResultError(Exception):
    """The result cannot be sent; its text is pydantic's."""


def encoder_of(shape: Shape) -> Encode:
    """What turns a result of this shape into what is sent. It raises `ResultError`."""
    if shape.bytes is None:
        return _json_encoder(shape.rest)
    encode_bytes = _bytes_encoder(shape.bytes)
    if shape.rest is NOTHING:
        return encode_bytes
    encode_json = _json_encoder(shape.rest)

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


def _bytes_encoder(member: Member) -> Encode:
    make, check = member.made, member.check

    def encode(value: Any) -> bytes | memoryview:
        try:
            data = raw(value)
            return data if check is None else raw(check(make(data)))
        except Exception as error:
            raise refusal(value, error) from error

    return encode


def _json_encoder(annotation: Any) -> Encode:
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
    return ResultError(repr(error))


def _with_all_fields(annotation: Any) -> Any:
    """`BaseModel` itself declares no fields: where it is written, those of any model are meant."""
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
            return to_json(checked, warnings=False).decode()

    return dump


def _writes_itself(annotation: Any) -> bool:
    """Whether it is a model with a `model_dump_json` of its own."""
    return (
        inspect.isclass(annotation)
        and issubclass(annotation, BaseModel)
        and annotation.model_dump_json is not BaseModel.model_dump_json
    )


def _dump_by_itself(model: type[BaseModel]) -> Dump:
    def dump(value: Any, checked: Any) -> str:
        return (value if type(value) is model else checked).model_dump_json()

    return dump
