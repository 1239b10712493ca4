"""Tests that callbacks run the newest code of their functions, and which of them cannot."""

import functools
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from transom._dev.agent.callbacks import Callbacks
from transom._dev.agent.graph import RestartError

TEXT = """
class Panel:
    def on_click(self, event):
        return "one"

def on_ping(event):
    return "one"

def closure():
    return lambda event: "one"

def setup(listen):
    listen(on_ping)
    listen(Panel().on_click)
"""


def module(text: str, name: str = "swapped_callbacks") -> ModuleType:
    it = ModuleType(name)
    sys.modules[name] = it
    exec(text, vars(it))
    return it


@pytest.fixture
def old() -> Iterator[ModuleType]:
    yield module(TEXT)
    del sys.modules["swapped_callbacks"]


class App:
    """The callbacks of an app, with what takes them."""

    def __init__(self) -> None:
        self.callbacks = Callbacks()
        self.given: list[Any] = []
        self.listen = self.callbacks._noting(self.given.append)

    def swap(self, old: ModuleType, text: str) -> None:
        new = module(text)
        name = new.__name__
        try:
            self.callbacks.check({name: old}, {name: new})
        except RestartError:
            sys.modules[name] = old
            raise
        self.callbacks.swapped({name: new})

    def call(self) -> list[str]:
        return [self.callbacks.latest(it)(None) for it in self.given]


def test_functions_and_methods_are_looked_up(old: ModuleType) -> None:
    app = App()
    old.setup(app.listen)
    app.listen(functools.partial(old.on_ping))
    assert app.call() == ["one"] * 3
    app.swap(old, TEXT.replace('"one"', '"two"'))
    assert app.call() == ["two"] * 3


def test_modules_that_are_being_imported_are_not_looked_at(
    old: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = App()
    old.setup(app.listen)
    app.swap(old, TEXT.replace('"one"', '"two"'))
    monkeypatch.delitem(sys.modules, old.__name__)
    assert app.call() == ["two"] * 2
    monkeypatch.setitem(sys.modules, old.__name__, ModuleType("half"))
    assert app.call() == ["two"] * 2


def test_lines_that_move_change_nothing(old: ModuleType) -> None:
    app = App()
    old.setup(app.listen)
    app.swap(old, f"\n\n{TEXT}\nx = 1\n")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (TEXT.replace("listen(on_ping)", "listen(on_ping); listen(on_ping)"), "`setup` of"),
        (TEXT.replace("def setup", "def other"), "`setup` of"),
        (TEXT.replace("def on_ping", "def on_pong"), "the callback `on_ping` is not in"),
    ],
)
def test_what_registers_has_to_stay_the_same(old: ModuleType, text: str, reason: str) -> None:
    app = App()
    old.setup(app.listen)
    with pytest.raises(RestartError, match=reason):
        app.swap(old, text)
    assert app.call() == ["one", "one"]


def test_closures_cannot_be_replaced(old: ModuleType) -> None:
    app = App()
    app.listen(old.closure())
    with pytest.raises(RestartError, match="no function by itself"):
        app.swap(old, TEXT)


def test_what_is_let_go_is_forgotten(old: ModuleType) -> None:
    app = App()
    app.listen(old.closure())
    app.given.clear()
    app.swap(old, TEXT)


def test_a_setup_that_has_changed_restarts(old: ModuleType) -> None:
    app = App()
    app.callbacks._note_start(old.setup)
    app.swap(old, TEXT.replace('"one"', '"two"'))
    with pytest.raises(RestartError, match="`setup` of"):
        app.swap(old, TEXT.replace("listen(on_ping)", "pass"))
