"""Tests Python inside an app written in Rust: finding its commands, and other runtimes."""

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Annotated, Any, cast

import pytest
from doubles import FakeCall

from transom import AppHandle, Commands, State
from transom._app.embed import find_commands
from transom._app.runtime import Runtime
from transom._call.runner import Runner
from transom.webview import WebviewWindow


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("desk")
    monkeypatch.setitem(sys.modules, "desk", module)
    return module


def test_the_registry_is_the_object_commands_of_the_module(module: ModuleType) -> None:
    commands = vars(module)["commands"] = Commands()
    assert find_commands("desk") is commands


def test_the_registry_may_have_another_name(module: ModuleType) -> None:
    registry = vars(module)["registry"] = Commands()
    assert find_commands("desk:registry") is registry


@pytest.mark.parametrize("name", ["desk", "desk:other"])
def test_a_module_without_the_registry_says_what_to_write(module: ModuleType, name: str) -> None:
    vars(module)["commands"] = {}
    with pytest.raises(ImportError, match=r"write `\w+ = Commands\(\)`"):
        find_commands(name)


def test_a_missing_module_is_named() -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        find_commands("no_such_module")


class Store: ...


def with_handle(app_handle: AppHandle) -> None: ...
def with_window(webview_window: WebviewWindow) -> None: ...
def with_state(store: Annotated[Store, State()]) -> None: ...


@pytest.mark.parametrize(
    ("command", "parameter"),
    [(with_handle, "app_handle"), (with_window, "webview_window"), (with_state, "store")],
)
def test_on_another_runtime_what_needs_the_app_is_refused(
    command: Callable[..., None], parameter: str
) -> None:
    outcome = outcome_without_app(command)
    assert outcome[:2] == ("error", "invalid-argument")
    assert outcome[2].startswith(f"`{parameter}` cannot be had")
    assert "Wry" in outcome[2]


def test_on_another_runtime_everything_else_works() -> None:
    def command() -> int:
        return 7

    assert outcome_without_app(command) == ("json", "7")


def outcome_without_app(command: Callable[..., Any]) -> tuple[Any, ...]:
    commands, call = Commands(), FakeCall()
    commands.set_command("command", command)
    runtime = Runtime(cast("Any", None), None)
    Runner(commands.__getitem__, runtime).run_blocking(cast("Any", call))
    assert call.outcome is not None
    return call.outcome
