"""Tests functions of pages that are declared by a class."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from typing import Any, Protocol

import pytest
from pydantic import BaseModel

from transom import Commands, PageError, PageFunctions


class Question(BaseModel):
    text: str
    choices: list[str] = []


class Asker(Protocol):
    """Asks."""

    async def ask(self, question: Question, /) -> bool:
        """Asks the user."""
        ...

    def ask_in_thread(self, question: Question | None = None) -> Question: ...
    async def focus(self) -> None: ...
    def _own(self) -> None: ...


class Window:
    """Notes what it is asked for."""

    def __init__(self, answer: Any = None) -> None:
        self.answer = answer
        self.asked = list[Any]()

    async def call(self, name: str, arg: Any, /, *, timeout: float) -> Any:
        return self.blocking_call(name, arg, timeout=timeout)

    def blocking_call(self, name: str, arg: Any, /, *, timeout: float) -> Any:
        self.asked.append((name, arg, timeout))
        return self.answer


@pytest.mark.anyio
async def test_a_method_calls_the_function_of_its_name() -> None:
    asker, window = Commands().page(Asker), Window(True)
    page: Any = asker(window)  # type: ignore[arg-type]
    assert await page.ask(Question(text="a")) is True
    window.answer = {"text": "b"}
    assert page.ask_in_thread(question=Question(text="c")) == Question(text="b")
    assert page.ask_in_thread() == Question(text="b")
    window.answer = "is not looked at"
    assert await asker(window, timeout=1).focus() is None  # type: ignore[arg-type,func-returns-value]
    assert window.asked == [
        ("ask", {"text": "a", "choices": []}, 5.0),
        ("ask_in_thread", {"text": "c", "choices": []}, 5.0),
        ("ask_in_thread", None, 5.0),
        ("focus", None, 1),
    ]
    assert inspect.getdoc(page.ask) == "Asks the user."
    assert str(inspect.signature(page.ask)) == "(question: 'Question', /) -> 'bool'"
    assert not hasattr(page, "_own")


@pytest.mark.anyio
async def test_what_does_not_fit_raises() -> None:
    window = Window("none")
    page: Any = Commands().page(Asker)(window)  # type: ignore[arg-type]
    with pytest.raises(PageError, match="`ask` gave what is none") as caught:
        await page.ask(Question(text=""))
    assert caught.value.name == "InvalidResult"
    window.asked.clear()
    with pytest.raises(ValueError, match="`ask` cannot be given this"):
        await page.ask(1)
    with pytest.raises(TypeError, match="missing a required"):
        await page.ask()
    with pytest.raises(TypeError, match="too many"):
        page.ask_in_thread(None, None)
    assert window.asked == []


class Base(ABC):
    @abstractmethod
    def one(self) -> int: ...


class Derived(Base):
    def two(self, arg: str) -> Any: ...


def test_a_class_may_have_bases() -> None:
    functions = Commands().page(Derived)
    assert isinstance(functions, PageFunctions)
    assert functions.described is Derived
    assert [it.name for it in functions.functions] == ["one", "two"]
    assert repr(functions).startswith("PageFunctions(<class")


def wrong(**members: Any) -> type:
    return type("Page", (), members)


def no_self() -> None: ...
def no_result(self: Any) -> Any: ...  # its annotation is taken away below
def no_argument(self: Any, arg) -> None: ...  # type: ignore[no-untyped-def]
def two(self: Any, one: int, other: int) -> None: ...
def named(self: Any, *, one: int) -> None: ...
def many(self: Any, *all_: int) -> None: ...
def raw(self: Any, data: bytes) -> None: ...
def gives_raw(self: Any) -> bytes: ...


del no_result.__annotations__["return"]


@pytest.mark.parametrize(
    ("described", "said"),
    [
        (wrong(f=no_self), "`Page.f` takes `self` and at most one argument"),
        (wrong(f=two), "`Page.f` takes `self` and at most one argument"),
        (wrong(f=named), "`Page.f` takes `self` and at most one argument"),
        (wrong(f=many), "`Page.f` takes `self` and at most one argument"),
        (wrong(f=no_result), "`Page.f` needs an annotation for `return`"),
        (wrong(f=no_argument), "`Page.f` needs an annotation for `arg`"),
        (wrong(f=raw), "`data` of `Page.f` is sent as JSON"),
        (wrong(f=gives_raw), "`return` of `Page.f` is sent as JSON"),
        (wrong(f=3), "`Page.f` is no method"),
        (wrong(f=property(no_result)), "`Page.f` is no method"),
        (wrong(__annotations__={"f": "int"}), "`Page.f` is no method"),
    ],
)
def test_what_is_no_function_of_a_page_is_refused(described: type, said: str) -> None:
    commands = Commands()
    with pytest.raises(ValueError, match=said):
        commands.page(described)
    assert dict(commands.pages) == {}


def test_a_page_is_a_class_and_declared_once() -> None:
    commands = Commands()
    with pytest.raises(TypeError, match="a class describes the functions of a page, got 1"):
        commands.page(1)  # type: ignore[arg-type]
    commands.page(Derived)
    with pytest.raises(ValueError, match="The page `Derived` is declared already"):
        commands.page(Derived)
