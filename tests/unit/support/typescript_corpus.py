"""Types of commands, with values that go out, bodies that fit, and bodies that do not.

This is one file because it is one list, and the models that it needs.
"""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import fractions
import ipaddress
import pathlib
import re
import uuid
from collections import OrderedDict, deque
from collections.abc import Mapping, Sequence
from typing import (
    Annotated,
    Any,
    Generic,
    Literal,
    NamedTuple,
    NewType,
    NotRequired,
    Optional,
    TypeVar,
    Union,
)

from pydantic import (
    UUID4,
    AliasChoices,
    AnyUrl,
    BaseModel,
    ConfigDict,
    Field,
    Json,
    NonNegativeInt,
    RootModel,
    SecretStr,
    SerializeAsAny,
    TypeAdapter,
    WithJsonSchema,
    computed_field,
    field_serializer,
)
from pydantic.alias_generators import to_camel
from pydantic.dataclasses import dataclass as pydantic_dataclass
from typing_extensions import TypeAliasType, TypedDict


class Case(NamedTuple):
    """One type. Bodies are written in TypeScript; those that fit are JSON."""

    annotation: Any
    results: list[Any]
    """Values that a command returns."""
    bodies: list[str]
    """What a page may send."""
    wrong: list[str]
    """What must not type-check as a body."""
    plain: bool = True
    """Whether every value of the TypeScript type is a valid body."""


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Mixed(enum.Enum):
    TEXT = "a"
    NUMBER = 1


class Person(BaseModel):
    """Somebody."""

    name: str
    age: int = 3
    email: str | None = None


class Aliased(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)
    first_name: str
    last_name: str = "?"


class AliasedOut(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, serialize_by_alias=True)
    first_name: str


class Choices(BaseModel):
    name: str = Field(validation_alias=AliasChoices("theName", "the_name"))


class Tree(BaseModel):
    value: int
    children: list[Tree] = []


class Left(BaseModel):
    right: Right | None = None


class Right(BaseModel):
    left: Left | None = None


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    good: bool


Pet = Annotated[Cat | Dog, Field(discriminator="kind")]
T = TypeVar("T")
K = TypeVar("K")


class Page(BaseModel, Generic[T]):
    items: list[T]
    more: bool = False


class Pair(BaseModel, Generic[T, K]):
    one: T
    two: K


class Branch(BaseModel, Generic[T]):
    value: T
    branches: list[Branch[T]] = []


class Choosy(BaseModel, Generic[T]):
    """Takes no type but these."""

    value: T

    @classmethod
    def __class_getitem__(cls, item: Any) -> Any:
        if item not in (int, str):
            raise TypeError("no such part")
        return super().__class_getitem__(item)


class Odd(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    class_: str = Field(alias="class")
    with_space: int = Field(alias="with space")
    quoted: int = Field(alias='a"b\\c', default=1)


class Area(BaseModel):
    width: float
    height: float

    @computed_field
    @property
    def area(self) -> float:
        """Width times height."""
        return self.width * self.height


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: str


class Typed(BaseModel):
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, int]  # pyright: ignore[reportIncompatibleVariableOverride]
    name: str


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str


class Nothing(BaseModel):
    pass


class Times(BaseModel):
    at: datetime.datetime
    on: datetime.date
    time: datetime.time
    took: datetime.timedelta


class Numbers(BaseModel):
    price: decimal.Decimal
    share: float
    count: int
    big: Annotated[int, Field(le=2**60)] = 0


class Texts(BaseModel):
    id: uuid.UUID
    path: pathlib.Path
    url: AnyUrl
    address: ipaddress.IPv4Address
    pattern: re.Pattern[str]


class Documented(BaseModel):
    """Says */ and
    more lines."""

    name: str = Field(default="x", description="The name.\n\nNot */ the other.", deprecated=True)


class Serialized(BaseModel):
    name: str

    @field_serializer("name")
    def length(self, value: str) -> int:
        return len(value)


class Blob(BaseModel):
    data: bytes


class Secret(BaseModel):
    word: SecretStr


class Record(TypedDict):
    name: str
    age: NotRequired[int]


class Loose(TypedDict, total=False):
    name: str


class Point(NamedTuple):
    x: int
    y: int = 0


@dataclasses.dataclass
class Plain:
    name: str
    tags: list[str] = dataclasses.field(default_factory=list)


@pydantic_dataclass
class Checked:
    name: str = Field(alias="theName")
    tags: tuple[str, ...] = ()


class Base(BaseModel):
    id: int


class Derived(Base):
    name: str


class Holder(BaseModel):
    held: SerializeAsAny[Base]


class Array(BaseModel):
    """Named like something of the language."""

    length: int


class ArrayBuffer(BaseModel):
    """Named like what the file uses."""

    name: str


class Names(RootModel[list[str]]):
    """A list with a name."""


class ById(RootModel[dict[int, Person]]):
    pass


class Scores(RootModel[dict[Color, int]]):
    pass


Key = NewType("Key", str)
Tag = TypeAliasType("Tag", str | int)
Nested = TypeAliasType("Nested", "list[Nested] | int")
NOW = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
ID = '"id": "00000000-0000-0000-0000-000000000001"'
PERSON = '{"name": "Ada"}'
ADA = Person(name="Ada")

CORPUS: dict[str, Case] = {
    "text": Case(str, ["a", "é\u2028"], ['"a"'], ["1", "null"]),
    "number": Case(float, [1.5, 2], ["1.5"], ['"1"']),
    "integer": Case(int, [1, -1], ["1"], ['"1"']),
    "boolean": Case(bool, [True], ["false"], ["0"]),
    "nothing": Case(None, [None], ["null"], ["undefined", "0"]),
    "anything": Case(Any, [1, {"a": [None]}], ["1", '{"a": [null]}'], []),
    "object": Case(object, [1], ["1"], []),
    "either": Case(int | str, [1, "a"], ["1", '"a"'], ["true"]),
    "optional": Case(Optional[int], [1, None], ["1", "null"], ["undefined"]),  # noqa: UP045
    "union": Case(Union[int, list[int], None], [1, [1], None], ["[1]"], ['["a"]']),  # noqa: UP007
    "list": Case(list[int], [[1], []], ["[1, 2]"], ['["a"]', "1"]),
    "nested_list": Case(list[list[int | None]], [[[1, None]]], ["[[1, null]]"], ["[1]"]),
    "bare_list": Case(list, [[1, "a"]], ['[1, "a"]'], ["1"]),
    "set": Case(set[int], [{1}], ["[1]"], ['["a"]']),
    "frozen_set": Case(frozenset[str], [frozenset({"a"})], ['["a"]'], ["[1]"]),
    "deque": Case(deque[int], [deque([1])], ["[1]"], ["1"]),
    "sequence": Case(Sequence[int], [[1]], ["[1]"], ["1"]),
    "pair": Case(tuple[int, str], [(1, "a")], ['[1, "a"]'], ["[1]", '["a", 1]', '[1, "a", 2]']),
    "tuple": Case(tuple[int, ...], [(1, 2), ()], ["[1, 2]", "[]"], ['["a"]']),
    "no_tuple": Case(tuple[()], [()], ["[]"], ["[1]"]),
    "dict": Case(dict[str, int], [{"a": 1}], ['{"a": 1}'], ['{"a": "b"}', "1"]),
    "dict_by_number": Case(dict[int, str], [{1: "a"}], ['{"1": "a"}'], ['{"1": 1}'], plain=False),
    "bare_dict": Case(dict, [{"a": [1]}], ['{"a": [1]}'], ["1"]),
    "mapping": Case(Mapping[str, list[int]], [{"a": [1]}], ['{"a": [1]}'], ['{"a": 1}']),
    "ordered": Case(OrderedDict[str, int], [OrderedDict(a=1)], ['{"a": 1}'], ["1"]),
    "literal": Case(Literal["a", 1, None], ["a", 1, None], ['"a"', "1", "null"], ['"b"', "2"]),  # noqa: PYI061
    "literal_texts": Case(Literal['"', "\\", "\n"], ['"', "\n"], ['"\\\\"'], ['"b"']),
    "enum": Case(Color, [Color.RED], ['"red"'], ['"RED"', '"green"']),
    "int_enum": Case(Level, [Level.HIGH], ["2"], ["3"]),
    "mixed_enum": Case(Mixed, [Mixed.TEXT, Mixed.NUMBER], ['"a"', "1"], ['"b"']),
    "dict_by_enum": Case(dict[Color, int], [{Color.RED: 1}, {}], ['{"red": 1}'], ['{"green": 1}']),
    "dict_by_literal": Case(
        dict[Literal["a", "b"], int], [{"a": 1}], ['{"a": 1, "b": 2}'], ['{"c": 1}']
    ),
    "model": Case(
        Person,
        [ADA, Person(name="A", age=1, email="a@b")],
        [PERSON, '{"name": "Ada", "age": 1, "email": null}'],
        ["{}", '{"name": 1}', '{"name": "Ada", "agee": 1}'],
    ),
    "models": Case(list[Person], [[ADA]], [f"[{PERSON}]"], ["[{}]"]),
    "model_or_none": Case(Person | None, [ADA, None], [PERSON, "null"], ["1"]),
    "aliased": Case(
        Aliased,
        [Aliased.model_validate({"firstName": "A"})],
        ['{"firstName": "A"}'],
        ['{"first_name": "A"}'],
    ),
    "aliased_out": Case(
        AliasedOut,
        [AliasedOut.model_validate({"firstName": "A"})],
        ['{"firstName": "A"}'],
        ['{"first_name": "A"}'],
    ),
    "choices": Case(
        Choices,
        [Choices.model_validate({"theName": "a"})],
        ['{"theName": "a"}'],
        ['{"other": "a"}'],
    ),
    "tree": Case(
        Tree,
        [Tree(value=1, children=[Tree(value=2)])],
        ['{"value": 1, "children": [{"value": 2}]}'],
        ['{"value": 1, "children": [{}]}'],
    ),
    "mutual": Case(
        Left, [Left(right=Right(left=Left()))], ['{"right": {"left": null}}'], ['{"right": 1}']
    ),
    "discriminated": Case(
        Pet,
        [Cat(kind="cat"), Dog(kind="dog", good=True)],
        ['{"kind": "dog", "good": true}'],
        ['{"kind": "dog"}', '{"kind": "cow"}'],
    ),
    "page": Case(
        Page[Person], [Page[Person](items=[ADA])], [f'{{"items": [{PERSON}]}}'], ['{"items": [1]}']
    ),
    "page_of_numbers": Case(Page[int], [Page[int](items=[1])], ['{"items": [1]}'], ["[1]"]),
    "generic_of_generic": Case(
        Pair[Page[int], list[str]],
        [Pair[Page[int], list[str]](one=Page[int](items=[]), two=["a"])],
        ['{"one": {"items": []}, "two": []}'],
        ['{"one": 1, "two": []}'],
    ),
    "generic_tree": Case(
        Branch[str],
        [Branch[str](value="a", branches=[Branch[str](value="b")])],
        ['{"value": "a", "branches": [{"value": "b"}]}'],
        ['{"value": 1}', '{"value": "a", "branches": [{"value": 1}]}'],
    ),
    "generic_of_optional": Case(
        Page[Person | None], [Page[Person | None](items=[ADA, None])], ['{"items": [null]}'], ["{}"]
    ),
    "choosy": Case(Choosy[int], [Choosy[int](value=1)], ['{"value": 1}'], ['{"value": "a"}']),
    "odd_keys": Case(
        Odd,
        [Odd.model_validate({"class": "a", "with space": 1})],
        ['{"class": "a", "with space": 1, "a\\"b\\\\c": 2}'],
        ['{"class": "a"}'],
    ),
    "computed": Case(
        Area, [Area(width=1, height=2)], ['{"width": 1, "height": 2}'], ['{"width": 1}']
    ),
    "open": Case(
        Open,
        [Open.model_validate({"name": "a", "more": [1]})],
        ['{"name": "a", "more": 1}'],
        ['{"more": 1}'],
    ),
    "typed_extras": Case(
        Typed,
        [Typed.model_validate({"name": "a", "more": 1})],
        ['{"name": "a", "more": 1}'],
        ['{"more": 1}'],
        plain=False,
    ),
    "closed": Case(Closed, [Closed(name="a")], ['{"name": "a"}'], ['{"name": "a", "b": 1}']),
    "empty": Case(Nothing, [Nothing()], ["{}"], ["1"]),
    "times": Case(
        Times,
        [Times(at=NOW, on=NOW.date(), time=NOW.time(), took=datetime.timedelta(1))],
        ['{"at": "2026-01-02T03:04:05Z", "on": "2026-01-02", "time": "03:04:05", "took": "P1D"}'],
        ['{"at": {}, "on": "2026-01-02", "time": "03:04:05", "took": "P1D"}'],
        plain=False,
    ),
    "numbers": Case(
        Numbers,
        [Numbers(price=decimal.Decimal("1.10"), share=0.5, count=1)],
        ['{"price": "1.10", "share": 0.5, "count": 1}', '{"price": 1.1, "share": 1, "count": 1}'],
        ['{"price": true, "share": 0.5, "count": 1}'],
        plain=False,
    ),
    "texts": Case(
        Texts,
        [
            Texts(
                id=uuid.UUID(int=1),
                path=pathlib.Path("/a"),
                url=AnyUrl("http://a.b/"),
                address=ipaddress.IPv4Address("127.0.0.1"),
                pattern=re.compile("a+"),
            )
        ],
        ["{" + ID + ', "path": "/", "url": "http://a/", "address": "127.0.0.1", "pattern": "a"}'],
        ['{"id": 1}'],
        plain=False,
    ),
    "documented": Case(Documented, [Documented()], ["{}", '{"name": "a"}'], ['{"name": 1}']),
    "serialized": Case(Serialized, [Serialized(name="abc")], ['{"name": "abc"}'], ['{"name": 1}']),
    "bytes_inside": Case(Blob, [Blob(data=b"a")], ['{"data": "a"}'], ['{"data": 1}']),
    "secret": Case(Secret, [Secret(word=SecretStr("a"))], ['{"word": "a"}'], ['{"word": 1}']),
    "typed_dict": Case(
        Record,
        [{"name": "a"}, {"name": "a", "age": 1}],
        ['{"name": "a"}', '{"name": "a", "age": 1}'],
        ['{"age": 1}'],
    ),
    "loose_dict": Case(Loose, [{}, {"name": "a"}], ["{}", '{"name": "a"}'], ['{"name": 1}']),
    "named_tuple": Case(Point, [Point(1, 2)], ["[1, 2]", "[1]"], ['["a"]', "[]"]),
    "dataclass": Case(
        Plain, [Plain("a"), Plain("a", ["b"])], ['{"name": "a"}'], ["{}", '{"name": 1}']
    ),
    "checked_dataclass": Case(
        Checked,
        [TypeAdapter(Checked).validate_python({"theName": "a"})],
        ['{"theName": "a"}'],
        ['{"name": "a"}'],
    ),
    "inherited": Case(
        Derived, [Derived(id=1, name="a")], ['{"id": 1, "name": "a"}'], ['{"id": 1}']
    ),
    "like_the_language": Case(Array, [Array(length=1)], ['{"length": 1}'], ["1"]),
    "like_the_file": Case(ArrayBuffer, [ArrayBuffer(name="a")], ['{"name": "a"}'], ["1"]),
    "root": Case(Names, [Names(["a"])], ['["a"]'], ["[1]"]),
    "root_by_number": Case(
        ById, [ById({1: ADA})], [f'{{"1": {PERSON}}}'], ['{"1": {}}'], plain=False
    ),
    "root_by_enum": Case(Scores, [Scores({Color.RED: 1})], ['{"red": 1}'], ['{"green": 1}']),
    "new_type": Case(Key, [Key("a")], ['"a"'], ["1"]),
    "alias": Case(Tag, ["a", 1], ['"a"', "1"], ["true"]),
    "recursive_alias": Case(Nested, [[1, [2]]], ["[1, [2]]"], ['["a"]']),
    "constrained": Case(
        Annotated[str, Field(min_length=1, pattern="^a")], ["a"], ['"a"'], ["1"], plain=False
    ),
    "not_negative": Case(NonNegativeInt, [1], ["1"], ['"1"'], plain=False),
    "uuid": Case(
        UUID4, [uuid.UUID("f47ac10b-58cc-4372-a567-0e02b2c3d479")], [], ["1"], plain=False
    ),
    "json_text": Case(Json[list[int]], [], ['"[1]"'], ["[1]"], plain=False),
    "own_schema": Case(
        Annotated[int, WithJsonSchema({"type": "string", "enum": ["1"]})], [], ['"1"'], ["1"]
    ),
    "fraction": Case(fractions.Fraction, [], ['"1/2"'], [], plain=False),
    "deep": Case(
        dict[str, list[tuple[int, Person | None]]],
        [{"a": [(1, ADA), (2, None)]}],
        [f'{{"a": [[1, {PERSON}], [2, null]]}}'],
        ['{"a": [[1]]}'],
    ),
}
