"""Tests that a result has exactly the fields of its annotation, and only valid values.

This is one file because all its cases are about the same models.
"""

import dataclasses
import functools
import json
import warnings
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, Literal, Optional, TypeVar

import pytest
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    RootModel,
    SerializeAsAny,
    computed_field,
    field_serializer,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic.dataclasses import dataclass as pydantic_dataclass
from typing_extensions import TypedDict

from transom import Commands
from transom._values.results import ResultError

SECRET = "the secret of a subclass"


class Out(BaseModel):
    name: str
    count: int = Field(default=1, ge=0)


class Private(Out):
    secret: str = SECRET


class Also(BaseModel):
    kind: Literal["also"] = "also"


class Holder(BaseModel):
    out: Out
    more: list[Out] = []


class PrivateHolder(Holder):
    secret: str = SECRET


T = TypeVar("T")
OutT = TypeVar("OutT", bound=Out)
EitherT = TypeVar("EitherT", Out, Also)


class Page(BaseModel, Generic[T]):
    items: list[T]


class OutPage(BaseModel, Generic[OutT]):
    items: list[OutT]


class Outs(RootModel[list[Out]]):
    pass


class Typed(TypedDict):
    out: Out


@dataclasses.dataclass
class Point:
    x: float
    y: float = 0


@dataclasses.dataclass
class PrivatePoint(Point):
    secret: str = SECRET


@pydantic_dataclass
class Checked:
    out: Out


Tagged = Annotated[
    "Cat | Dog",  # what the two are called here
    Field(discriminator="kind"),
]


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"


class PrivateDog(Dog):
    secret: str = SECRET


def sent(annotation: Any, value: Any) -> Any:
    def command() -> Any:
        return value

    command.__annotations__["return"] = annotation
    handler = Commands.wrap_pyfunc(command, {})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        answer: Any = handler()
    assert isinstance(answer, str)
    return json.loads(answer)


OUT = {"name": "Ada", "count": 1}
PRIVATE = Private(name="Ada")
HOLDER = PrivateHolder(out=PRIVATE, more=[PRIVATE])


@pytest.mark.parametrize(
    ("annotation", "value", "answer"),
    [
        (Out, PRIVATE, OUT),
        (Out | None, PRIVATE, OUT),
        (Optional[Out], PRIVATE, OUT),  # noqa: UP045
        (Annotated[Out, "what it is for"], PRIVATE, OUT),
        (list[Out], [PRIVATE], [OUT]),
        (Sequence[Out], (PRIVATE,), [OUT]),
        (tuple[Out, int], (PRIVATE, 1), [OUT, 1]),
        (dict[str, Out], {"a": PRIVATE}, {"a": OUT}),
        (Out | Also, PRIVATE, OUT),
        (Also | Out, PRIVATE, OUT),
        (Tagged, PrivateDog(), {"kind": "dog"}),
        (list[Tagged], [PrivateDog()], [{"kind": "dog"}]),
        (Holder, HOLDER, {"out": OUT, "more": [OUT]}),
        (Outs, Outs([PRIVATE]), [OUT]),
        (RootModel[Out], RootModel[Out](PRIVATE), OUT),
        (Typed, {"out": PRIVATE, "secret": SECRET}, {"out": OUT}),
        (Page[Out], Page[Out](items=[PRIVATE]), {"items": [OUT]}),
        (Page[Out], Page[Private](items=[PRIVATE]), {"items": [OUT]}),
        (Page[Out], Page(items=[PRIVATE]), {"items": [OUT]}),
        (OutPage, OutPage(items=[PRIVATE]), {"items": [OUT]}),
        (OutPage[OutT], OutPage(items=[PRIVATE]), {"items": [OUT]}),  # pyright: ignore[reportGeneralTypeIssues]
        (OutT, PRIVATE, OUT),  # pyright: ignore[reportGeneralTypeIssues]
        (list[OutT], [PRIVATE], [OUT]),  # pyright: ignore[reportGeneralTypeIssues]
        (list[OutT] | None, [PRIVATE], [OUT]),  # pyright: ignore[reportGeneralTypeIssues]
        (EitherT, PRIVATE, OUT),
        (Point, PrivatePoint(1), {"x": 1, "y": 0}),
        (list[Point], [PrivatePoint(1)], [{"x": 1, "y": 0}]),
        (Checked, Checked(PRIVATE), {"out": OUT}),
    ],
)
def test_what_is_not_declared_is_not_sent(annotation: Any, value: Any, answer: Any) -> None:
    assert SECRET not in json.dumps(sent(annotation, value))
    assert sent(annotation, value) == answer


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (SerializeAsAny[Out], PRIVATE),
        (BaseModel, PRIVATE),
        (BaseModel | None, PRIVATE),
        (Any, PRIVATE),
        (T, PRIVATE),
        (Out | Private, PRIVATE),
    ],
)
def test_all_fields_go_where_the_author_says_so(annotation: Any, value: Any) -> None:
    assert sent(annotation, value)["secret"] == SECRET


def test_all_models_are_meant_by_the_base_of_all() -> None:
    assert sent(list[BaseModel], [PRIVATE]) == [PRIVATE.model_dump()]
    assert sent(dict[str, list[BaseModel]], {"a": [PRIVATE]}) == {"a": [PRIVATE.model_dump()]}


@pytest.mark.parametrize(
    ("annotation", "value", "answer"),
    [
        (Out, {"name": "Ada"}, OUT),
        (list[Out], [{"name": "Ada"}], [OUT]),
        (Out | None, {"name": "Ada", "secret": SECRET}, OUT),
        (Holder, {"out": PRIVATE}, {"out": OUT, "more": []}),
        (Outs, [{"name": "Ada"}], [OUT]),
        (Point, {"x": 1}, {"x": 1, "y": 0}),
        (Out, Out.model_construct(name="Ada", count="1"), OUT),
        (list[Out], [Out.model_construct(name="Ada", count="1")], [OUT]),
        (Point, Point("1"), {"x": 1, "y": 0}),  # type: ignore[arg-type]
    ],
)
def test_what_passes_for_the_declared_becomes_it(annotation: Any, value: Any, answer: Any) -> None:
    assert sent(annotation, value) == answer


def changed() -> Out:
    out = Out(name="Ada")
    out.count = -1
    return out


NAMELESS = Out.model_construct()
WRONG: list[tuple[Any, Any, str]] = [
    (Out, NAMELESS, "name\n  Field required"),
    (
        Out,
        Out.model_construct(name="Ada", count="many"),
        "count\n  Input should be a valid integer",
    ),
    (Out, Private.model_construct(), "name\n  Field required"),
    (Out, changed(), "count\n  Input should be greater than or equal to 0"),
    (Out, {"count": 2}, "name\n  Field required"),
    (Out, Also(), "Input should be a valid dictionary or instance of Out"),
    (Out, None, "Input should be a valid dictionary or instance of Out"),
    (list[Out], [NAMELESS], "0.name\n  Field required"),
    (Out | None, NAMELESS, "name\n  Field required"),
    (Out | Also, NAMELESS, "name\n  Field required"),
    (dict[str, Out], {"a": NAMELESS}, "a.name\n  Field required"),
    (Holder, Holder.model_construct(out=NAMELESS), "out.name\n  Field required"),
    (Outs, Outs([NAMELESS]), "0.name\n  Field required"),
    (Page[Out], Page[Out](items=[NAMELESS]), "items.0.name\n  Field required"),
    (Typed, {"out": NAMELESS}, "out.name\n  Field required"),
    (Tagged, Dog.model_construct(kind="cat"), "kind"),
    (Point, Point("x"), "x\n  Input should be a valid number"),  # type: ignore[arg-type]
    (list[Point], [Point("x")], "0.x\n  Input should be a valid number"),  # type: ignore[arg-type]
    (SerializeAsAny[Out], NAMELESS, "name\n  Field required"),
]


@pytest.mark.parametrize(("annotation", "value", "text"), WRONG)
def test_what_is_not_valid_is_refused(annotation: Any, value: Any, text: str) -> None:
    with pytest.raises(ResultError, match="validation error") as caught:
        sent(annotation, value)
    assert text in str(caught.value)


# What is valid stays valid, and what its author has chosen stays as it is.


class Aliased(BaseModel):
    size: int = Field(alias="the size")


class Kept(BaseModel):
    """What has more than its fields."""

    model_config = ConfigDict(extra="forbid")
    name: str
    _count: int = PrivateAttr(default=1)

    @functools.cached_property
    def long(self) -> str:
        return self.name * 2

    @computed_field
    @property
    def count(self) -> int:
        return self._count


def kept() -> Kept:
    it = Kept(name="Ada")
    it._count = 7
    assert it.long
    return it


class Parsed(BaseModel):
    """Whose validators take input only."""

    tags: list[str]
    size: int

    @field_validator("tags", mode="before")
    @classmethod
    def split(cls, value: Any) -> Any:
        return value.split(",")

    @field_validator("size", mode="before")
    @classmethod
    def read(cls, value: Any) -> Any:
        if not isinstance(value, str):
            raise ValueError("not a text")
        return value

    @model_validator(mode="before")
    @classmethod
    def unpack(cls, value: Any) -> Any:
        return value["data"]


class Sloppy(BaseModel):
    name: str = None  # type: ignore[assignment]


made: list[str] = []


class Making(BaseModel):
    """Which is made with effects."""

    name: str

    def __init__(self, first: str, last: str) -> None:
        super().__init__(name=f"{first} {last}")
        made.append("init")

    def model_post_init(self, _context: Any) -> None:
        made.append("post init")


@dataclasses.dataclass
class Seeded:
    seed: dataclasses.InitVar[int]
    x: int = dataclasses.field(init=False, default=0)

    def __post_init__(self, seed: int) -> None:
        self.x = seed


class Written(BaseModel):
    x: int

    @field_serializer("x")
    def as_text(self, x: int) -> str:
        return f"<{x}>"


class Whole(BaseModel):
    x: int

    @model_serializer
    def as_text(self) -> str:
        return f"<{self.x}>"


class WrittenByItself(BaseModel):
    given_name: str = Field(alias="givenName")

    def model_dump_json(self, **options: Any) -> str:
        return super().model_dump_json(by_alias=True, **options)


class PrivateWritten(WrittenByItself):
    secret: str = SECRET


class Fields(BaseModel):
    """Whose fields have the names of what a schema is made of."""

    type: str = "model"
    schema_: str = Field("x", alias="schema")
    custom_init: bool = True
    post_init: str = "later"
    validation_alias: dict[str, Any] = {"type": "model", "cls": 3}
    fields: list[Out] = []


class Node(BaseModel):
    name: str
    children: list["Node"] = []


class Unchecked(BaseModel):
    model_config = ConfigDict(revalidate_instances="never")
    name: str


@pytest.mark.parametrize(
    ("annotation", "value", "answer"),
    [
        (Aliased, Aliased(**{"the size": 2}), {"size": 2}),
        (list[Aliased], [Aliased(**{"the size": 2})], [{"size": 2}]),
        (Kept, kept(), {"name": "Ada", "count": 7}),
        (Parsed, Parsed(data={"tags": "a,b", "size": "2"}), {"tags": ["a", "b"], "size": 2}),  # type: ignore[call-arg]
        (Sloppy, Sloppy(), {"name": None}),
        (Making, Making("Ada", "L"), {"name": "Ada L"}),
        (Seeded, Seeded(3), {"x": 3}),
        (Written, Written(x=1), {"x": "<1>"}),
        (Whole, Whole(x=1), "<1>"),
        (WrittenByItself, WrittenByItself(givenName="Ada"), {"givenName": "Ada"}),
        (WrittenByItself, PrivateWritten(givenName="Ada"), {"givenName": "Ada"}),
        (Fields, Fields(fields=[PRIVATE]), Fields().model_dump() | {"fields": [OUT]}),  # pyright: ignore[reportCallIssue]
        (Node, Node(name="a", children=[Node(name="b")]), None),
        (Unchecked, Unchecked.model_construct(name="Ada"), {"name": "Ada"}),
    ],
)
def test_what_is_valid_is_sent_as_it_is(annotation: Any, value: Any, answer: Any) -> None:
    if answer is None:
        answer = value.model_dump()
    made.clear()
    assert sent(annotation, value) == answer
    assert made == []


def test_a_result_that_nobody_awaited_says_so() -> None:
    async def one() -> int:
        return 1

    def command() -> int:
        return one()  # type: ignore[return-value]

    handler: Callable[[], Any] = Commands.wrap_pyfunc(command, {})
    with pytest.raises(ResultError, match="returned a coroutine, which nobody awaits"):
        handler()
