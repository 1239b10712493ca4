"""Decides which annotations and values are sent as bytes and not as JSON."""

import sys
from collections import abc
from collections.abc import Callable
from contextlib import suppress
from types import UnionType
from typing import Annotated, Any, NamedTuple, NewType, Union, cast, get_args, get_origin

import typing_extensions
from pydantic import ConfigDict, TypeAdapter
from pydantic_core import PydanticSerializationError

if sys.version_info >= (3, 12):
    import typing

    ALIASES: tuple[Any, ...] = (typing.TypeAliasType, typing_extensions.TypeAliasType)
    BUFFERS: tuple[Any, ...] = (bytes, bytearray, memoryview, abc.Buffer, typing_extensions.Buffer)
else:
    ALIASES = (typing_extensions.TypeAliasType,)
    BUFFERS = (bytes, bytearray, memoryview, typing_extensions.Buffer)

NUMBERS = frozenset("cbB?hHiIlLqQnNefd")
"""The formats of buffers of plain numbers, as `struct` writes them. Other buffers may hold
addresses, or old contents of memory.
"""


def raw(value: Any) -> bytes | memoryview:
    """The bytes of `value`, flat, and copied only if necessary.

    `TypeError`: it has none, it is a single value, or its buffer holds something other than plain
    numbers.
    """
    if isinstance(value, bytes):
        return value
    try:
        view = memoryview(value)
    except (TypeError, ValueError, BufferError) as error:
        # `ValueError` comes of numpy's dates, and of a view that was released.
        wanted = f"expected bytes, got {type(value).__name__}"
        raise TypeError(wanted if isinstance(error, TypeError) else f"{wanted}: {error}") from error
    kind = view.format.lstrip("@=<>!")
    if kind.removeprefix("Z") not in NUMBERS:
        raise TypeError(
            f"expected bytes, got a {type(value).__name__} whose items are no plain numbers "
            f"(their format is {view.format!r}): only numbers mean something outside this process"
        )
    # numpy's dates say that they have no dimension, their buffers do not.
    if view.ndim == 0 or getattr(value, "ndim", None) == 0:
        raise TypeError(
            f"expected bytes, got a {type(value).__name__}, which is a single value: its memory "
            "is `memoryview(value).tobytes()`"
        )
    try:
        return view.cast("B")
    except (TypeError, ValueError):  # it is not in one piece, or in another order of bytes
        return view.tobytes()


def number_of(value: Any) -> Any:
    """The number in a scalar of numpy, which pydantic cannot write: a `fallback` for pydantic."""
    with suppress(TypeError, ValueError, BufferError, AttributeError):
        if memoryview(value).ndim == 0:
            number = value.item()
            if isinstance(number, int | float | complex) and type(number) is not type(value):
                return number
    raise PydanticSerializationError(f"Unable to serialize unknown type: {type(value)}")


class Member(NamedTuple):
    """A type of bytes in an annotation."""

    made: Callable[[bytes | bytearray | memoryview], Any]
    """Makes the argument of a command out of a body."""
    check: Callable[[Any], Any] | None
    """Validates with pydantic, as for `Annotated[bytes, Field(max_length=…)]`."""


class Shape(NamedTuple):
    """How the values of an annotation are sent."""

    bytes: Member | None
    """The type that is sent as bytes, if there is one."""
    rest: Any
    """The annotation of the values that are sent as JSON. `NOTHING`: there are none."""


NOTHING: Any = object()
ANYTHING: tuple[Any, ...] = (Any, object)
"""Annotations of values that are sent by their actual type: bytes as bytes."""
MEMBER_OF_ANY = Member(bytes, None)


def shape_of(annotation: Any) -> Shape:
    """Returns how an annotation is sent: `bytes` as bytes, `Person` as JSON."""
    if annotation in ANYTHING:
        return Shape(MEMBER_OF_ANY, annotation)
    found, rest = None, list[Any]()
    for leaf in _leaves(annotation):
        member = _member_of(leaf)
        if member is None:
            rest.append(leaf)
        else:
            found = found or member
    if found is None:
        return Shape(None, annotation)
    # The number of them is known here only.
    return Shape(found, Union[tuple(rest)] if rest else NOTHING)  # noqa: UP007


def check_is_json(annotation: Any, what: str) -> None:
    """Raises `ValueError` for a type whose values may be bytes, where only JSON is sent."""
    if annotation not in ANYTHING and shape_of(annotation).bytes is not None:
        raise ValueError(f"{what} is sent as JSON, and bytes are none: send those by a channel")


def _leaves(annotation: Any) -> list[Any]:
    """The members of a union, also of unions behind aliases. Of anything else: itself."""
    kind, metadata = unwrapped(annotation)
    if get_origin(kind) not in (Union, UnionType):
        return [annotation]
    leaves = [leaf for member in get_args(kind) for leaf in _leaves(member)]
    # What is said of the union is meant for what it can be said of.
    return [_annotated(it, metadata) if it is not type(None) else it for it in leaves]


def _annotated(annotation: Any, metadata: tuple[Any, ...]) -> Any:
    return Annotated[annotation, *metadata] if metadata else annotation


def unwrapped(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """The type behind `Annotated`, `NewType` and `type X = …`, and the metadata."""
    metadata: tuple[Any, ...] = ()
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *more = get_args(annotation)
            metadata = (*more, *metadata)
        elif isinstance(annotation, NewType):
            annotation = annotation.__supertype__
        elif isinstance(annotation, ALIASES):
            annotation = cast("Any", annotation).__value__
        else:
            return annotation, metadata


def _member_of(leaf: Any) -> Member | None:
    """The type of bytes. `None`: it is sent as JSON, like `Base64Bytes`, which is text."""
    kind, metadata = unwrapped(leaf)
    if kind not in BUFFERS:
        return None
    check = None
    if metadata:
        arbitrary = ConfigDict(arbitrary_types_allowed=True)
        adapter: TypeAdapter[Any] = TypeAdapter(_annotated(kind, metadata), config=arbitrary)
        if _is_text(adapter.core_schema):
            return None
        check = adapter.validate_python
    return Member(_MADE.get(kind, bytes), check)


def _is_text(schema: Any) -> bool:
    """Whether the type says how it is written as JSON."""
    while schema:
        if "serialization" in schema:
            return True
        schema = schema.get("schema")
    return False


def _read_only(body: bytes | bytearray | memoryview) -> memoryview:
    return memoryview(body).toreadonly()


def _changeable(body: bytes | bytearray | memoryview) -> bytearray:
    return body if isinstance(body, bytearray) else bytearray(body)


_MADE: dict[Any, Callable[[bytes | bytearray | memoryview], Any]] = {
    bytearray: _changeable,
    memoryview: _read_only,
}
