"""Tests which annotations and values are sent as bytes, and which only look like it."""

from __future__ import annotations

import ctypes
import json
import sys
import textwrap
from array import array
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any, NewType, Optional, TypeVar

import pytest
from pydantic import AfterValidator, Base64Bytes, BaseModel, Field, PlainSerializer
from typing_extensions import Buffer, TypeAliasType

from transom import Commands
from transom._call.streams import StreamHandler
from transom._values.codec import InvalidBodyError, RawBody, fits_a_message
from transom._values.results import ResultError
from transom._windows.page import written
from transom.testing._page.body import body_of

Blob = NewType("Blob", bytes)
Alias = TypeAliasType("Alias", bytes)
MaybeAlias = TypeAliasType("MaybeAlias", Blob | None)
Short = Annotated[bytes, Field(max_length=3)]
First = Annotated[bytes, AfterValidator(lambda it: it[:1])]
BytesT = TypeVar("BytesT", bound=bytes)


class Person(BaseModel):
    name: str


def wrapped(func: Callable[..., Any]) -> Any:
    return Commands.wrap_pyfunc(func, Commands.parse_parameters(func))


def received(annotation: Any, body: Any) -> Any:
    taken: list[Any] = []

    def command(body: Any) -> None:
        taken.append(body)

    command.__annotations__["body"] = annotation
    wrapped(command)(body=body)
    return taken[0]


def sent(annotation: Any, value: Any) -> Any:
    def command() -> Any:
        return value

    command.__annotations__["return"] = annotation
    return wrapped(command)()


PLAIN: list[Any] = [
    bytes,
    Blob,
    Alias,
    BytesT,
    NewType("OfAlias", Alias),
    Annotated[bytes, "what it is for"],
    Annotated[Blob, Field(description="what it is for")],
    Buffer,
]
OPTIONAL: list[Any] = [
    bytes | None,
    Optional[Blob],  # noqa: UP045
    MaybeAlias,
    Annotated[bytes | None, Field(description="what it is for")],
    Short | None,  # pyright: ignore[reportOperatorIssue]
]


@pytest.mark.parametrize("annotation", [*PLAIN, Short])
def test_every_spelling_of_bytes_takes_and_gives_bytes(annotation: Any) -> None:
    got = received(annotation, b"\x00\xff")
    assert (type(got), got) == (bytes, b"\x00\xff")
    assert sent(annotation, b"\x00\xff") == b"\x00\xff"
    assert bytes(sent(annotation, bytearray(b"\x00\xff"))) == b"\x00\xff"


@pytest.mark.parametrize("annotation", OPTIONAL)
def test_bytes_or_nothing_take_and_give_either(annotation: Any) -> None:
    assert received(annotation, RawBody(b"\x00\xff")) == b"\x00\xff"
    assert received(annotation, b"null") is None
    assert received(annotation, b'"abc"') == b"abc"
    assert sent(annotation, b"\x00\xff") == b"\x00\xff"
    assert sent(annotation, None) == "null"


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        (bytearray, bytearray),
        (memoryview, memoryview),
        (bytearray | None, bytearray),
        (Annotated[bytearray, "what it is for"], bytearray),
        (Annotated[memoryview, "what it is for"], memoryview),
    ],
)
@pytest.mark.parametrize("body", [b"\x00\xff", bytearray(b"\x00\xff"), memoryview(b"\x00\xff")])
def test_a_command_gets_the_kind_of_bytes_that_it_asks_for(
    annotation: Any, kind: type, body: Any
) -> None:
    either = annotation == bytearray | None
    got = received(annotation, RawBody(body) if either else body)
    assert (type(got), bytes(got)) == (kind, b"\x00\xff")
    assert bytes(sent(annotation, b"ab")) == b"ab"


def test_a_bytearray_is_the_commands_own() -> None:
    body = b"abc"
    received(bytearray, body)[0] = 0
    assert body == b"abc"


@pytest.mark.parametrize("body", [b"1", b'{"name": "Ada"}', b"\xff"])
def test_of_a_union_bytes_are_bytes_and_json_is_what_it_says(body: bytes) -> None:
    annotation = bytes | Person | int
    assert received(annotation, RawBody(body)) == body


def test_of_a_union_json_is_the_rest() -> None:
    assert received(bytes | Person, b'{"name": "Ada"}') == Person(name="Ada")
    assert received(bytes | str, b'"Ada"') == "Ada"
    assert sent(bytes | Person, Person(name="Ada")) == '{"name":"Ada"}'
    assert sent(bytes | str, "Ada") == '"Ada"'
    assert bytes(sent(bytes | None, array("B", b"ab"))) == b"ab"


@pytest.mark.parametrize("annotation", [Any, object])
def test_of_anything_bytes_are_bytes(annotation: Any) -> None:
    assert received(annotation, RawBody(b"\x00\xff")) == b"\x00\xff"
    assert received(annotation, b"[1]") == [1]
    for value in (b"\xff", bytearray(b"\xff"), memoryview(b"\xff")):
        assert bytes(sent(annotation, value)) == b"\xff"
    assert sent(annotation, [1]) == "[1]"


def test_what_is_said_of_bytes_is_checked() -> None:
    with pytest.raises(InvalidBodyError, match="at most 3 bytes"):
        received(Short, b"four")
    with pytest.raises(ResultError, match="at most 3 bytes"):
        sent(Short, b"four")
    assert received(First, b"abc") == b"a"
    assert sent(First, bytearray(b"abc")) == b"a"


@pytest.mark.parametrize(
    "annotation", [Base64Bytes, Annotated[bytes, PlainSerializer(lambda it: it.hex())]]
)
def test_bytes_that_are_to_be_text_are_text(annotation: Any) -> None:
    assert isinstance(sent(annotation, b"YWJj"), str)


@pytest.mark.parametrize("annotation", [*PLAIN, bytearray, memoryview, bytes | None])
def test_a_result_of_bytes_needs_a_request(annotation: Any) -> None:
    def command() -> Any: ...

    command.__annotations__["return"] = annotation
    assert not fits_a_message({}, wrapped(command))


@pytest.mark.skipif(sys.version_info < (3, 12), reason="`type X = …` is newer")
def test_a_statement_of_an_alias() -> None:
    scope: dict[str, Any] = {}
    exec("type X = bytes\ntype Y = X | None", scope)
    assert received(scope["X"], b"\xff") == b"\xff"
    assert sent(scope["X"], b"\xff") == b"\xff"
    assert sent(scope["Y"], None) == "null"
    assert not isinstance(sent(scope["Y"], b"\xff"), str)


# Streams.


@pytest.mark.parametrize("item", PLAIN)
def test_items_are_bytes(item: Any) -> None:
    def stream() -> Any:
        yield b"\xff"

    stream.__annotations__["return"] = Iterator[item]
    handler = wrapped(stream)
    assert isinstance(handler, StreamHandler)
    assert handler._encode(b"\xff") == b"\xff"


def test_items_are_all_bytes_or_all_json() -> None:
    async def stream() -> AsyncIterator[bytes | None]:
        yield b""

    with pytest.raises(ValueError, match=r"`.*stream` yields `.*`: the items of a stream are all"):
        wrapped(stream)


# Buffers.


class Pair(ctypes.Structure):
    _fields_ = (("a", ctypes.c_char), ("b", ctypes.c_double))


NUMBERS: list[Any] = [
    array("d", [1.5, -2]),
    memoryview(array("H", [1, 2, 3]))[::2],
    memoryview(b"abcd").cast("B", (2, 2)),
    (ctypes.c_int32 * 3)(1, 2, 3),
    (ctypes.c_char * 3)(b"a", b"b", b"c"),
    (ctypes.c_double.__ctype_be__ * 2)(1, 2),
    memoryview(b""),
]


@pytest.mark.parametrize("value", NUMBERS)
def test_numbers_cross_as_they_lie_in_memory(value: Any) -> None:
    assert bytes(sent(bytes, value)) == memoryview(value).tobytes()


def released() -> memoryview:
    view = memoryview(b"ab")
    view.release()
    return view


OTHERS: list[Any] = [
    (ctypes.py_object * 2)(Person, Person),
    (ctypes.c_char_p * 1)(b"an address"),
    (ctypes.c_void_p * 1)(4096),
    (Pair * 2)(),
    Pair(),
    (ctypes.c_wchar * 4)(*"text"),
    released(),
]


@pytest.mark.parametrize("value", OTHERS, ids=lambda it: type(it).__name__)
@pytest.mark.parametrize("annotation", [bytes, memoryview, bytes | None])
def test_what_is_no_number_does_not_cross(annotation: Any, value: Any) -> None:
    with pytest.raises(ResultError):
        sent(annotation, value)


def test_a_refusal_says_what_it_found() -> None:
    with pytest.raises(ResultError, match=r"py_object.*no plain numbers.*'<O'"):
        sent(bytes, OTHERS[0])


NUMPY = textwrap.dedent(
    """
    import numpy as np
    numbers = [np.ones(6, dtype=it) for it in "bBhHiIlLqQefdFD?"]
    numbers += [np.arange(6, dtype=">f8"), np.arange(6.0).reshape(2, 3).T, np.zeros((0, 3))]
    others = [
        np.array([{}, "x"], dtype=object),
        np.array(["2024-01-01"], dtype="datetime64[D]"),
        np.array([1], dtype="timedelta64[s]"),
        np.array(["text"]),
        np.array([b"text"]),
        np.zeros(2, dtype=[("a", "i1"), ("b", "f8")]),
        np.zeros(2, dtype=np.longdouble),
        np.zeros(2, dtype="V8"),
    ]
    """
)


def test_arrays_of_numbers_cross_and_others_do_not() -> None:
    scope: dict[str, Any] = {}
    exec(NUMPY, scope)
    for value in scope["numbers"]:
        assert bytes(sent(bytes, value)) == value.tobytes(), value.dtype
    for value in scope["others"]:
        with pytest.raises(ResultError):
            sent(bytes, value)


SCALARS = textwrap.dedent(
    """
    import numpy as np
    numbers = [np.dtype(it).type(1) for it in "bBhHiIlLqQefd"] + [np.array(1), np.array(1.0)]
    others = [np.datetime64("2024-01-01"), np.longdouble(1), np.void(b"ab")]
    """
)


def test_a_number_of_numpy_is_a_number() -> None:
    scope: dict[str, Any] = {}
    exec(SCALARS, scope)
    for value in scope["numbers"]:
        for annotation in (Any, object):
            assert json.loads(sent(annotation, value)) == 1, value.dtype
            assert json.loads(sent(annotation, {"a": [value]})) == {"a": [1]}, value.dtype
        assert json.loads(sent(dict[str, Any], {"a": value})) == {"a": 1}, value.dtype
        assert body_of(value) == body_of(value.item()), value.dtype
        assert json.loads(written(value)) == 1, value.dtype
        with pytest.raises(ResultError, match="a single value"):
            sent(bytes, value)
        with pytest.raises(ResultError):
            sent(bytes | Person, value)
    assert sent(Any, scope["np"].bool_(True)) == "true"
    for value in scope["others"]:
        with pytest.raises(ResultError):
            sent(Any, value)
        with pytest.raises(ResultError):
            sent(bytes, value)


def test_of_anything_an_array_of_numbers_is_bytes_where_it_is_alone() -> None:
    for annotation in (Any, object):
        assert bytes(sent(annotation, array("B", b"ab"))) == b"ab"
        with pytest.raises(ResultError, match="Unable to serialize unknown type"):
            sent(annotation, {"a": array("B", b"ab")})
        with pytest.raises(ResultError):
            sent(annotation, ctypes.c_int(5))
