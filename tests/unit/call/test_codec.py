"""Tests the codec of bodies and results: every kind of type, and every value that does not fit."""

import asyncio
import re
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, PydanticUserError, RootModel
from pydantic.alias_generators import to_camel

from transom import Commands
from transom._values.codec import InvalidBodyError
from transom._values.results import ResultError


class Order(BaseModel):
    customer: str
    count: int = 1


class Camel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)
    given_name: str


class Aliased(BaseModel):
    size: int = Field(alias="the size")


class Names(RootModel[list[str]]):
    pass


@dataclass
class Point:
    x: float
    y: float


class Own:
    """A class that pydantic knows nothing of."""


def handler_of(func: Callable[..., Any]) -> Callable[..., Any]:
    return Commands.wrap_pyfunc(func, Commands.parse_parameters(func))


def received(annotation: Any, body: bytes) -> Any:
    """What a command with a body of this type is given."""
    taken: list[Any] = []

    def command(body: Any) -> None:
        taken.append(body)

    command.__annotations__["body"] = annotation
    assert handler_of(command)(body=body) == "null"
    return taken[0]


def sent(annotation: Any, value: Any) -> str | bytes:
    """What a command with a return of this type answers."""

    def command() -> Any:
        return value

    command.__annotations__["return"] = annotation
    return handler_of(command)()


@pytest.mark.parametrize(
    ("annotation", "body", "value"),
    [
        (bytes, b"\x00\xff", b"\x00\xff"),
        (bytes, b"", b""),
        (Order, b'{"customer": "Ada"}', Order(customer="Ada")),
        (Names, b'["a"]', Names(["a"])),
        (RootModel[dict[str, int]], b'{"a": 1}', RootModel[dict[str, int]]({"a": 1})),
        (int, b"7", 7),
        (str, '"naïve ☃"'.encode(), "naïve ☃"),
        (datetime, b'"2024-05-06T07:08:09Z"', datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)),
        (int | None, b"null", None),
        (int | None, b"3", 3),
        (int | str, b'"3"', "3"),
        (Order | Names, b'["b"]', Names(["b"])),
        (dict[str, list[int]], b'{"a": [1]}', {"a": [1]}),
        (tuple[int, str], b'[1, "a"]', (1, "a")),
        (Path, b'"/a/b"', Path("/a/b")),
        (Point, b'{"x": 1, "y": 2}', Point(1, 2)),
        (Any, b'{"__proto__": [null, 1.5]}', {"__proto__": [None, 1.5]}),
        (None, b"null", None),
        (Camel, b'{"givenName": "Ada"}', Camel(given_name="Ada")),
        (Aliased, b'{"the size": 2}', Aliased(**{"the size": 2})),
    ],
)
def test_bodies(annotation: Any, body: bytes, value: Any) -> None:
    got = received(annotation, body)
    assert got == value
    assert type(got) is type(value)


@pytest.mark.parametrize(
    ("annotation", "value", "answer"),
    [
        (bytes, b"\x00\xff", b"\x00\xff"),
        (bytes, bytearray(b"ab"), b"ab"),
        (bytes, memoryview(b"ab"), b"ab"),
        (bytes, array("H", [0x6261]), b"ab"),
        (bytes, memoryview(b"acbd")[::2], b"ab"),
        (memoryview, bytearray(b"ab"), b"ab"),
        (memoryview, b"", b""),
        (Order, Order(customer="Ada"), '{"customer":"Ada","count":1}'),
        (Names, Names(["a"]), '["a"]'),
        (int, 2**53 + 1, "9007199254740993"),
        (str, "☃", '"☃"'),
        (datetime, datetime(2024, 5, 6, tzinfo=UTC), '"2024-05-06T00:00:00Z"'),
        (int | None, None, "null"),
        (int | str, "a", '"a"'),
        (dict[str, int], {"a": 1}, '{"a":1}'),
        (list[Order], [Order(customer="Ada")], '[{"customer":"Ada","count":1}]'),
        (Point, Point(1, 2), '{"x":1.0,"y":2.0}'),
        (Any, {"a": [None, True]}, '{"a":[null,true]}'),
        (None, None, "null"),
    ],
)
def test_returns(annotation: Any, value: Any, answer: str | bytes) -> None:
    assert sent(annotation, value) == answer


def test_field_names_go_out_not_aliases() -> None:
    assert sent(Camel, Camel(given_name="Ada")) == '{"given_name":"Ada"}'
    assert sent(list[Camel], [Camel(given_name="Ada")]) == '[{"given_name":"Ada"}]'


def test_a_coroutine_function_gives_a_coroutine_function() -> None:
    async def double(body: int) -> int:
        return body * 2

    assert asyncio.run(handler_of(double)(body=b"4")) == "8"


@pytest.mark.parametrize(
    ("annotation", "body", "text"),
    [
        (Order, b"{", "1 validation error for Order\n  Invalid JSON: "),
        (Order, b'{"count": 2}', "1 validation error for Order\ncustomer\n  Field required "),
        (Order, b'{"count": "x"}', "2 validation errors for Order\ncustomer\n  Field required "),
        (int, b'"x"', "1 validation error for int\n  Input should be a valid integer"),
        (Camel, b"{}", "1 validation error for Camel\ngivenName\n  Field required "),
        (int, b"\xff", "1 validation error for int\n  Invalid JSON: "),
    ],
)
def test_bodies_that_do_not_fit(annotation: Any, body: bytes, text: str) -> None:
    with pytest.raises(InvalidBodyError, match=f"^{re.escape(text)}"):
        received(annotation, body)


@pytest.mark.parametrize(
    ("annotation", "value", "text"),
    [
        (int, "no number", "1 validation error for int"),
        (Point, 3, "1 validation error for Point"),
        (bytes, "text", r"TypeError\('expected bytes, got str'\)"),
        (Order, 3, "1 validation error for Order\n  Input should be a valid dictionary"),
        (Any, Own(), r"PydanticSerializationError\("),
        (str, "\ud800", ""),
    ],
)
def test_results_that_cannot_be_sent(annotation: Any, value: Any, text: str) -> None:
    with pytest.raises(ResultError, match=f"^{text}"):
        sent(annotation, value)


@pytest.mark.parametrize("body", [b"ab", bytearray(b"ab"), memoryview(b"ab")])
def test_bytes_are_seen_read_only_and_not_copied(body: Any) -> None:
    view = received(memoryview, body)
    assert (view == b"ab", view.readonly) == (True, True)
    assert view.obj is (body.obj if isinstance(body, memoryview) else body)


@pytest.mark.parametrize("body", [bytearray(b"[1]"), memoryview(b"[1]")])
def test_bodies_of_a_worker_are_read_alike(body: Any) -> None:
    assert received(list[int], body) == [1]
    assert received(bytes, body) == b"[1]"


@pytest.mark.parametrize("annotation", [Own, list[Own]])
def test_a_body_that_pydantic_cannot_take(annotation: Any) -> None:
    text = (
        f"Failed to convert `{annotation}` type to pydantic Model, "
        "please explicitly use BaseModel or bytes as `body` type annotation instead."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        received(annotation, b"1")


class Refused:
    """As pydantic refuses a `typing.TypedDict` on Python before 3.12."""

    @classmethod
    def __get_pydantic_core_schema__(cls, *_: object) -> Any:
        raise PydanticUserError("Please use another one.", code=None)


def test_what_pydantic_says_of_an_annotation_is_told() -> None:
    with pytest.raises(ValueError, match=r"^Failed to convert .* instead\. Please use another one"):
        received(Refused, b"1")


def test_a_return_that_pydantic_cannot_take() -> None:
    with pytest.raises(ValueError, match=r"^Failed to convert `.*Own'>` .*as `return` type"):
        sent(Own, Own())


def test_a_return_needs_an_annotation() -> None:
    def command(): ...  # type: ignore[no-untyped-def]

    text = (
        "Expected the return value to have type annotation, but got empty. "
        "Please explicitly use `def foo() -> None:` instead."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        handler_of(command)
