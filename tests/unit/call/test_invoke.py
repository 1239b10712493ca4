"""Tests `ipc.Invoke`, a call for a handler of the user's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest
from doubles import FakeCall

from transom import ParametersType
from transom._app.runtime import Runtime, set_current
from transom._commands.parameters import parse_parameters
from transom.ipc import Invoke


class FakeHost:
    def __init__(self) -> None:
        self.states: dict[type, object] = {}

    def state(self, _app: object, _call: object, kind: type) -> object:
        return self.states.get(kind)

    def app_handle(self, app: Any, call: Any) -> Any:
        return (app, call)


@pytest.fixture
def host() -> FakeHost:
    return FakeHost()


@pytest.fixture(autouse=True)
def app(host: FakeHost) -> Iterator[object]:
    app = object()
    set_current(Runtime(cast("Any", host), cast("Any", app)))
    yield app
    set_current(None)


def invoke(call: FakeCall) -> Invoke:
    return Invoke(cast("Any", call))


def bound(call: FakeCall, parameters: Any) -> dict[str, Any] | None:
    resolver = invoke(call).bind_to(parameters)
    return None if resolver is None else resolver.arguments


def test_just_the_keys_name_what_is_wanted(app: object) -> None:
    call = FakeCall(data=b"[1]", headers=[(b"x", b"y")])
    found = bound(call, {"body": None, "headers": None, "app_handle": None})
    assert found == {"body": b"[1]", "headers": [(b"x", b"y")], "app_handle": (app, call)}


def test_parameters_of_a_command_are_taken_too() -> None:
    def command(body: bytes) -> None: ...

    parameters: ParametersType = parse_parameters(command)
    assert bound(FakeCall(data=b"x"), parameters) == {"body": b"x"}
    assert bound(FakeCall(data=b"x"), {}) == {}


def test_a_body_that_is_not_there_is_rejected() -> None:
    call = FakeCall()
    assert bound(call, {"body": None}) is None
    assert call.outcome is not None
    assert call.outcome[2].startswith("Please use `ArrayBuffer` or `Uint8Array`")


def test_states_are_found_by_their_class(host: FakeHost) -> None:
    host.states[int] = 7
    assert bound(FakeCall(), {"states": {"count": int}}) == {"states": {"count": 7}}
    call = FakeCall()
    assert bound(call, {"states": {"name": str}}) is None
    assert call.outcome is not None
    assert "state `<class 'str'>` not managed for field `name`" in call.outcome[2]


def test_a_name_that_there_is_not_is_refused_and_the_call_can_go_on() -> None:
    call = FakeCall()
    it = invoke(call)
    with pytest.raises(TypeError, match="no argument `window`: there are body, app_handle"):
        it.bind_to({"window": None})
    it.resolve("null")
    assert call.outcome == ("json", "null")
