"""Tests that every name of PyTauri 0.8 is here: of modules, classes, members and arguments."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import anyio
import pytest

from transom import App, Commands
from transom._native import WindowArgumentReader
from transom.plugins import dialog, notification

NAMES: dict[str, list[str]] = json.loads((Path(__file__).parent / "peer_names.json").read_text())
"""Facts: by name what has members there, and these. Those with an underscore are left out."""
ARGUMENTS = "transom.webview.WebviewWindowBuilderArgs"
ONLY_FOR_CHECKERS = {
    "transom.ipc.ArgumentsType",
    "transom.ipc.ParametersType",
    "transom.ipc.ResolvedArgumentsType",
    "transom.window.ProgressBarState",
    ARGUMENTS,
}
"""Dictionaries there, whose keys are tested by what takes them: they are other types here."""


def found(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)


@pytest.mark.parametrize("path", sorted(NAMES))
def test_a_name_is_here_with_its_members(path: str) -> None:
    here = found(path)
    if path in ONLY_FOR_CHECKERS:
        return
    keys = getattr(here, "__annotations__", {})
    missing = [it for it in NAMES[path] if not hasattr(here, it) and it not in keys]
    assert missing == []


def test_a_new_window_takes_every_argument() -> None:
    """One that there is not is a `TypeError` which says so."""
    assert len(NAMES[ARGUMENTS]) > 50

    class Nothing: ...

    unknown: list[str] = []
    for name in NAMES[ARGUMENTS]:
        try:
            WindowArgumentReader.arguments(**{name: Nothing()})
        except (TypeError, ValueError) as error:
            if "unexpected argument" in str(error):
                unknown.append(f"{name}: {error}")
    assert unknown == []
    with pytest.raises(TypeError, match="no_such_argument"):
        WindowArgumentReader.arguments(no_such_argument=1)


def test_run_iteration_says_what_to_use() -> None:
    with pytest.raises(NotImplementedError, match="`run_return\\(callback\\)` runs the app"):
        App.run_iteration(cast("App", None))


def test_the_progress_bar_takes_the_keys_of_the_dictionary_there() -> None:
    assert NAMES["transom.window.ProgressBarState"] == ["progress", "status"]
    reader: Any = WindowArgumentReader
    reader.set_progress_bar({"progress": 1, "status": None})


def test_what_is_registered_has_names_as_there() -> None:
    commands = Commands()

    @commands.command()
    async def double(body: int) -> int:
        return 2 * body

    _ = double
    parameters, handler = registered = commands["double"]
    assert (registered.parameters, registered.handler) == (parameters, handler)
    commands["twice"] = (parameters, handler)
    assert commands["twice"].handler is handler


def test_a_function_is_wrapped_without_its_parameters() -> None:
    async def double(body: int) -> int:
        return 2 * body

    handler: Callable[..., Any] = Commands().wrap_pyfunc(double)
    assert anyio.run(lambda: handler(body=b"21")) == "42"


def test_types_of_plugins_can_be_joined() -> None:
    assert dialog.ImplDialogExt | None
    assert notification.ImplNotificationExt | None
