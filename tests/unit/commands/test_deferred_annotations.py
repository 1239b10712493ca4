"""Tests annotations that Python evaluates when somebody asks for them (PEP 649, from 3.14).

What a command's annotations name is looked for when it is registered, as ever.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest

from transom import Commands
from transom._commands.signatures import check_callback

pytestmark = pytest.mark.skipif(
    sys.version_info < (3, 14), reason="before 3.14 annotations are evaluated with their `def`"
)

# The import of this file makes its own annotations texts, which is not what is tested.
MODULE = """
import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel
from transom import State

if TYPE_CHECKING:
    from somewhere import Absent


def later(body: Person) -> Person | None:
    return body

def many_later(body: list[Person]) -> Iterator[Person]:
    yield from body

def state_later(state: Annotated[Shared, State()]) -> int:
    return state.number

def in_a_wrapper(func):
    @functools.wraps(func)
    def inner(*args, **kwargs):
        return func(*args, **kwargs)
    return inner

wrapped = in_a_wrapper(later)
partial = functools.partial(later)

class Service:
    class In(BaseModel):
        name: str

    def method(self, body: In) -> In:
        return body

    def __call__(self, body: Person) -> Person:
        return body

service = Service()
method = service.method

def closure():
    def command(body: list[Local]) -> list[Local]:
        return body
    class Local(BaseModel):
        name: str
    return command

local = closure()

def generic[T: Person](body: T) -> T:
    return body

class Person(BaseModel):
    name: str

class Shared:
    number = 5


def absent(body: Absent) -> None: ...
def absent_inside(body: dict[str, list[Absent]]) -> None: ...
def absent_or_none(body: Absent | None) -> None: ...
def absent_result(body: int) -> Absent: ...
def absent_attribute(body: functools.Absent) -> None: ...
def absent_state(state: Annotated[Absent, State()]) -> None: ...
async def absent_items(body: int) -> Iterator[Absent]: ...
def absent_beside(body: int, app_handle: Absent) -> None: ...
wrapped_absent = in_a_wrapper(absent)

def failing(body: [][0]) -> None: ...
def half_quoted(body: int | "Person") -> None: ...

def callback(event: Absent, more: list[Absent] = []) -> Absent: ...
"""


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    made = ModuleType("deferring")
    monkeypatch.setitem(sys.modules, "deferring", made)
    exec(compile(MODULE, "deferring.py", "exec", dont_inherit=True), made.__dict__)
    return made


def registered(func: Any, **options: Any) -> Any:
    commands = Commands()
    commands.command("command", **options)(func)
    return commands["command"][1]


@pytest.mark.parametrize("name", ["wrapped", "partial", "service", "method", "generic"])
def test_a_class_may_be_defined_after_the_function(module: ModuleType, name: str) -> None:
    assert registered(getattr(module, name))(body=b'{"name":"Ada"}') == '{"name":"Ada"}'


def test_a_class_of_a_closure_may_be_defined_after_the_function(module: ModuleType) -> None:
    assert registered(module.local)(body=b'[{"name":"Ada"}]') == '[{"name":"Ada"}]'


def test_classes_of_items_may_be_defined_after_the_function(module: ModuleType) -> None:
    handler = registered(module.many_later)
    assert handler._encode(module.Person(name="Ada")) == '{"name":"Ada"}'


def test_a_class_of_a_state_may_be_defined_after_the_function(module: ModuleType) -> None:
    registered(module.state_later)


def test_a_decorator_finds_only_what_is_there(module: ModuleType) -> None:
    source = "@commands.command()\ndef early(body: Late) -> None: ...\nclass Late: ..."
    module.__dict__["commands"] = Commands()
    with pytest.raises(ValueError, match=r"name 'Late' is not defined.*before the function"):
        exec(compile(source, "deferring.py", "exec", dont_inherit=True), module.__dict__)


@pytest.mark.parametrize(
    "name",
    [
        "absent",
        "absent_inside",
        "absent_or_none",
        "absent_result",
        "absent_attribute",
        "absent_state",
        "absent_items",
        "absent_beside",
        "wrapped_absent",
    ],
)
def test_a_name_for_type_checkers_only_is_found_out_at_registration(
    module: ModuleType, name: str
) -> None:
    for executor in (None, "process"):
        with pytest.raises(ValueError, match=r"cannot be evaluated: .*Absent.*TYPE_CHECKING"):
            registered(getattr(module, name), executor=executor)


def test_what_an_annotation_raises_is_said(module: ModuleType) -> None:
    with pytest.raises(ValueError, match="`failing` cannot be evaluated: list index out of range"):
        registered(module.failing)
    with pytest.raises(ValueError, match=r"`half_quoted` .*: unsupported operand"):
        registered(module.half_quoted)


def test_a_callback_may_have_names_for_type_checkers_only(module: ModuleType) -> None:
    check_callback(module.callback, "The callback", "event")
    with pytest.raises(ValueError, match="which it cannot be"):
        check_callback(module.callback, "The callback")
