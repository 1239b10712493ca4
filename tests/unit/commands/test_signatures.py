"""Tests that errors in a function's signature are found when it is registered, not when called."""

# ruff: noqa: UP037 - texts in annotations are what is tested

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from types import ModuleType
from typing import Any, Optional

import anyio
import pytest
from pydantic import BaseModel

from transom import Assets, Commands, ProcessPool
from transom._app.app import Builder
from transom._commands.signatures import check_callback


class Person(BaseModel):
    name: str


def registered(func: Any, name: str | None = "command", **options: Any) -> Any:
    commands = Commands()
    commands.command(name, **options)(func)
    return commands[name or func.__name__][1]


# Names in annotations. Every annotation here is a text: of the import at the top.


async def quoted_body(body: list["Person"]) -> int:
    return len(body)


async def quoted_in_a_text(body: 'dict[str, list["Person"]]') -> int:
    return len(body)


async def quoted_optional(body: Optional["Person"]) -> int:  # noqa: UP045
    return body is not None


async def quoted_union(body: "Person | None") -> int:
    return body is not None


PEOPLE = b'[{"name": "Ada"}]'


@pytest.mark.parametrize(
    ("func", "body", "answer"),
    [
        (quoted_body, PEOPLE, "1"),
        (quoted_in_a_text, b'{"a": %s}' % PEOPLE, "1"),
        (quoted_optional, b"null", "0"),
        (quoted_union, b'{"name": "Ada"}', "1"),
    ],
)
def test_quoted_names_are_those_of_the_module(
    func: Callable[..., Any], body: bytes, answer: str
) -> None:
    async def call() -> Any:
        return await registered(func)(body=body)

    assert anyio.run(call) == answer


PLAIN_MODULE = """
from collections.abc import AsyncIterator, Iterator
from typing import Optional
from pydantic import BaseModel, RootModel
import contextlib
import functools

class Person(BaseModel):
    name: str

def people() -> list["Person"]:
    return [Person(name="Ada")]

def optional() -> Optional["Person"]:
    return Person(name="Ada")

def many() -> Iterator["Person"]:
    yield Person(name="Ada")

async def async_many() -> AsyncIterator[list["Person"]]:
    yield [Person(name="Ada")]

class Service:
    def method(self) -> "Person":
        return Person(name="Ada")
    def __call__(self) -> list["Person"]:
        return [Person(name="Ada")]

service = Service()
method = service.method
partial = functools.partial(people)

def logged(func):
    @functools.wraps(func)
    def inner(*args, **kwargs):
        return func(*args, **kwargs)
    return inner

wrapped = logged(people)
"""


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module whose annotations are no texts, but for what is quoted."""
    made = ModuleType("quoting")
    monkeypatch.setitem(sys.modules, "quoting", made)
    exec(PLAIN_MODULE, made.__dict__)
    return made


@pytest.mark.parametrize("name", ["people", "service", "partial", "wrapped"])
def test_quoted_names_are_found_whatever_the_callable(module: ModuleType, name: str) -> None:
    assert registered(getattr(module, name))() == '[{"name":"Ada"}]'


@pytest.mark.parametrize("name", ["optional", "method"])
def test_quoted_names_are_found_in_results(module: ModuleType, name: str) -> None:
    assert registered(getattr(module, name))() == '{"name":"Ada"}'


@pytest.mark.parametrize("name", ["many", "async_many"])
def test_quoted_names_are_found_in_items(module: ModuleType, name: str) -> None:
    handler = registered(getattr(module, name))
    person = module.Person(name="Ada")
    assert '{"name":"Ada"}' in handler._encode([person] if name == "async_many" else person)


def test_a_closure_is_looked_into() -> None:
    class Local(BaseModel):
        name: str

    def command(body: list["Local"]) -> "Optional[Local]":  # noqa: UP045
        return Local(name=body[0].name)

    assert registered(command)(body=PEOPLE) == '{"name":"Ada"}'


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type parameters are newer")
def test_type_parameters_are_known(module: ModuleType) -> None:
    exec('def same[T: Person](body: list["T"]) -> list["T"]: return body', module.__dict__)
    assert registered(module.same)(body=PEOPLE) == PEOPLE.decode().replace(" ", "")


class Incomplete(BaseModel):
    later: "NeverDefined"  # type: ignore[name-defined]  # noqa: F821


def body_missing(body: list["Missing"]) -> None: ...  # type: ignore[name-defined]  # noqa: F821
def optional_missing(body: Optional["Missing"]) -> None: ...  # type: ignore[name-defined]  # noqa: F821, UP045
def result_missing() -> list["Missing"]: ...  # type: ignore[name-defined]  # noqa: F821
def items_missing() -> Iterator["Missing"]: ...  # type: ignore[name-defined]  # noqa: F821
async def more_missing() -> AsyncIterator["Missing"]: ...  # type: ignore[name-defined]  # noqa: F821
def wrong_text(body: "list[") -> None: ...  # type: ignore[valid-type]  # noqa: F722
def no_member(body: "functools.nothing") -> None: ...  # type: ignore[name-defined]
def model_missing(body: Incomplete) -> None: ...
def models_missing() -> list[Incomplete]: ...  # type: ignore[empty-body]


@pytest.mark.parametrize(
    "func",
    [
        body_missing,
        optional_missing,
        result_missing,
        items_missing,
        more_missing,
        wrong_text,
        no_member,
        model_missing,
        models_missing,
    ],
)
def test_a_name_that_is_not_there_is_an_error_at_once(func: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match=r"cannot be evaluated|is not defined"):
        registered(func)


# How it is called.


async def one() -> int:
    return 1


def logged(func: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(func)
    def inner(*args: Any, **kwargs: Any) -> Any:
        return func(*args, **kwargs)

    return inner


def test_a_decorator_that_hides_a_coroutine_is_found_out() -> None:
    for hidden in (logged(one), logged(logged(one))):
        with pytest.raises(ValueError, match=r"around an `async def`: its coroutine would be lost"):
            registered(hidden)
        with pytest.raises(ValueError, match="around an `async def`"):
            Commands().set_command("command", hidden)


def test_a_decorator_may_wait_for_the_coroutine_itself() -> None:
    @functools.wraps(one)
    def blocking() -> int:
        return anyio.run(one)

    assert registered(blocking, executor="thread")() == "1"


def test_a_decorator_may_be_async() -> None:
    @functools.wraps(one)
    async def inner() -> int:
        return await one()

    assert anyio.run(registered(inner)) == "1"


def test_a_partial_needs_a_name() -> None:
    class Nameless:
        def __call__(self) -> int:
            return 1

    for func in (functools.partial(one), Nameless()):
        with pytest.raises(ValueError, match=r'no name of its own: give one, like `command\("g'):
            registered(func, name=None)
    assert anyio.run(registered(functools.partial(one))) == "1"


@pytest.mark.parametrize("func", [classmethod(lambda _: None), 5, None])
def test_what_cannot_be_called_is_no_command(func: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        registered(func)


def with_executor(executor: str) -> None:
    registered(functools.partial(one), executor=executor)


def test_errors_about_a_partial_name_it() -> None:
    with pytest.raises(ValueError, match=r"partial.*is an `async def`"):
        with_executor("thread")


# Functions that the app calls.


async def setup(_app: object) -> None: ...


def no_arguments() -> None: ...


class AsyncSetup:
    async def __call__(self, _app: object) -> None: ...


@pytest.mark.parametrize("func", [setup, functools.partial(setup), AsyncSetup(), logged(setup)])
def test_a_setup_that_nobody_awaits_is_refused(func: Any) -> None:
    with pytest.raises(ValueError, match="`setup` is an `async def`, which nobody would await"):
        Builder.build(object(), object(), invoke_handler=None, setup=func)  # type: ignore[arg-type]


def test_a_setup_that_cannot_be_called_is_refused() -> None:
    with pytest.raises(ValueError, match=r"`setup` is called as `no_arguments\(app_handle\)`"):
        Builder.build(object(), object(), invoke_handler=None, setup=no_arguments)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="`setup` must be a function, got 5"):
        Builder.build(object(), object(), invoke_handler=None, setup=5)  # type: ignore[arg-type]


def test_an_initializer_takes_nothing() -> None:
    with pytest.raises(ValueError, match=r"`ProcessPool.initializer` is called as `setup\(\)`"):
        ProcessPool(initializer=setup)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["get", "iter", "setup"])
def test_assets_that_nobody_awaits_are_refused(name: str) -> None:
    async def method(_self: object, *_: object) -> None: ...

    with pytest.raises(ValueError, match=rf"`Own\.{name}` is an `async def`"):
        type("Own", (Assets,), {name: method})


@pytest.mark.parametrize("func", [print, dict, [].append, no_arguments, lambda *_: None])
def test_what_can_be_called_is_taken(func: Any) -> None:
    check_callback(func, "it", *(["one"] if func != no_arguments else []))


# Decorators of Python's own that make each call fail.


@contextlib.contextmanager
def opened() -> Iterator[int]:
    yield 1


@contextlib.asynccontextmanager
async def opened_later() -> AsyncIterator[int]:
    yield 1


@functools.singledispatch
def shown(body: object) -> str:
    return str(body)


@functools.singledispatch
async def shown_later(body: object) -> str:
    return str(body)


@pytest.mark.parametrize(
    ("func", "what"),
    [
        (opened, "context manager"),
        (opened_later, "context manager"),
        (shown, "singledispatch"),
        (shown_later, "singledispatch"),
    ],
)
def test_what_a_decorator_makes_fail_is_refused(func: Callable[..., Any], what: str) -> None:
    with pytest.raises(ValueError, match=what):
        registered(func)


def test_decorators_that_pass_names_on_are_taken() -> None:
    @functools.lru_cache
    def cached(body: int) -> int:
        return body

    @functools.wraps(cached)
    def wrapped(**arguments: Any) -> Any:
        return cached(**arguments)

    assert registered(cached)
    assert registered(wrapped)
