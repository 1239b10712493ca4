"""Tests events that are declared with a type."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from pydantic import BaseModel

from transom import Commands, TypedEvent, _swapping


class Saved(BaseModel):
    name: str
    size: int = 0


def test_an_event_has_its_name_and_its_type() -> None:
    commands = Commands()
    saved = commands.event("app/saved:1", Saved)
    assert isinstance(saved, TypedEvent)
    assert (saved.name, saved.payload) == ("app/saved:1", Saved)
    assert repr(saved).startswith("TypedEvent('app/saved:1', <class")
    assert dict(commands.events) == {"app/saved:1": saved}
    assert dict(commands) == {}


@pytest.mark.parametrize("name", ["", "a b", "größe", "a.b", "a\n"])
def test_names_that_tauri_refuses_are_refused_at_once(name: str) -> None:
    commands = Commands()
    with pytest.raises(ValueError, match="may contain only letters, digits"):
        commands.event(name, Saved)
    assert dict(commands.events) == {}


def test_what_has_no_json_is_refused() -> None:
    commands = Commands()
    with pytest.raises(ValueError, match="the payload of the event `raw` is sent as JSON"):
        commands.event("raw", bytes)
    with pytest.raises(ValueError, match="Failed to convert"):
        commands.event("own", type("Own", (), {}))


def test_an_event_is_declared_once() -> None:
    commands = Commands()
    commands.event("saved", Saved)
    with pytest.raises(ValueError, match="The event `saved` is declared already"):
        commands.event("saved", Saved)


def test_what_does_not_fit_is_no_payload() -> None:
    saved, nowhere = Commands().event("saved", Saved), object()
    wrong: Any = {"name": 1}
    for send in (
        lambda: saved.emit(nowhere, wrong),  # type: ignore[arg-type]
        lambda: saved.emit_to(nowhere, None, wrong),  # type: ignore[arg-type]
    ):
        with pytest.raises(ValueError, match=r"the event `saved` cannot carry this: [\s\S]*name"):
            send()


def test_a_swap_replaces_what_its_modules_have_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_swapping, "active", True)
    commands = Commands()

    def run(module: str, *names: str) -> None:
        text = "".join(f"commands.event({name!r}, Saved)\n" for name in names)
        exec(text, {"__name__": module, "commands": commands, "Saved": Saved})

    run("one", "a", "b")
    run("two", "c")
    before = dict(commands.events)
    stage = _swapping.Stage(frozenset({"one"}))
    token = _swapping.stage.set(stage)
    try:
        run("one", "a", "d")
    finally:
        _swapping.stage.reset(token)
    assert dict(commands.events) == before
    commands.events.swap(stage.of(commands.events), stage.modules)
    assert list(commands.events) == ["c", "a", "d"]
    assert commands.events["a"] is not before["a"]
    assert commands.events["c"] is before["c"]
    assert "one" not in sys.modules
