"""What is bytes: in annotations, and in values."""

import sys
from collections import abc
from collections.abc import Callable
from types import UnionType
from typing import Annotated, Any, NamedTuple, NewType, Union, cast, get_args, get_origin

import typing_extensions
from pydantic import ConfigDict, TypeAdapter

if sys.version_info >= (3, 12):
    import typing

    ALIASES: tuple[Any, ...] = (typing.TypeAliasType, typing_extensions.TypeAliasType)
    BUFFERS: tuple[Any, ...] = (bytes, bytearray, memoryview, abc.Buffer, typing_extensions.Buffer)
else:
    ALIASES = (typing_extensions.TypeAliasType,)
    BUFFERS = (bytes, bytearray, memoryview, typing_extensions.Buffer)

NUMBERS = frozenset("cbB?hHiIlLqQnNefd")
"""Formats of buffers of plain numbers, as `struct` writes them. What else there is may hold
addresses, or what was in memory before."""


def raw(value: Any) -> bytes | memoryview:
    """The bytes of `value`, flat, and not copied where they need not be. `TypeError`: it has none,
    or its buffer holds something else than plain numbers.
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
    try:
        return view.cast("B")
    except (TypeError, ValueError):  # it is not in one piece, or in another order of bytes
        return view.tobytes()


class Member(NamedTuple):
    """A type of bytes in an annotation."""

    made: Callable[[bytes | bytearray | memoryview], Any]
    """What a command is given for a body."""
    check: Callable[[Any], Any] | None
    """Pydantic's validation: of `Annotated[bytes, Field(max_length=…)]`."""


class Shape(NamedTuple):
    """How values of an annotation travel."""

    bytes: Member | None
    """As bytes: none do, or those of this type."""
    rest: Any
    """As JSON: those of this annotation; of none: `NOTHING`."""


NOTHING: Any = object()
ANYTHING: tuple[Any, ...] = (Any, object)
"""Annotations of values that go as they happen to be: bytes as bytes."""
MEMBER_OF_ANY = Member(bytes, None)


def shape_of(annotation: Any) -> Shape:
    """`bytes` goes as bytes, `Person` as JSON, `bytes | None` as either."""
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


def _leaves(annotation: Any) -> list[Any]:
    """The members of a union, those of aliases of unions too; of anything else: itself."""
    kind, metadata = _unwrapped(annotation)
    if get_origin(kind) not in (Union, UnionType):
        return [annotation]
    leaves = [leaf for member in get_args(kind) for leaf in _leaves(member)]
    # What is said of the union is meant for what it can be said of.
    return [_annotated(it, metadata) if it is not type(None) else it for it in leaves]


def _annotated(annotation: Any, metadata: tuple[Any, ...]) -> Any:
    return Annotated[annotation, *metadata] if metadata else annotation


def _unwrapped(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """What `Annotated`, `NewType` and `type X = …` stand for, and what was said of it."""
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
    """`None`: it goes as JSON, also what its author wants as text: `Base64Bytes`."""
    kind, metadata = _unwrapped(leaf)
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
    """Whether it says how it is to be written as JSON."""
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
