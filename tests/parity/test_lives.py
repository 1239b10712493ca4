"""PARITY A: building, running, ending. Each test is named after its row."""

from __future__ import annotations

import json
from typing import Any

import pytest
from packages import Parity

HIDDEN = json.dumps({"app": {"windows": [{"label": "main", "visible": False}]}})


def life(parity: Parity, case: str, code: int = 0, **env: str) -> dict[str, Any]:
    """What an app tells of its life; it must end by itself and without a crash."""
    env = {"PARITY_CASE": case, "PARITY_CODE": str(code), "PARITY_PATCH": HIDDEN} | env
    told = parity.told("lives", env)
    assert told["exit code"] == 0, told["output"]
    return told


def test_a1_a4_a5_a7_a_life_from_build_to_exit(parity: Parity) -> None:
    told = life(parity, "plain")
    assert told["before_the_loop"] == []
    assert told["setup_on_main"] is True
    assert told["windows"] == ["main"]
    assert told["managed"] is True
    assert told["returned"] == 0
    assert told["seen"].count("setup") == 1
    assert told["seen"].index("setup") < told["seen"].index("Ready")


def test_a9_events_in_their_order(parity: Parity) -> None:
    seen = life(parity, "plain")["seen"]
    order = [name for name in seen if name in ("Ready", "ExitRequested", "Exit")]
    assert order == ["Ready", "ExitRequested", "Exit"]


def test_a9_exit_requested_has_the_code(parity: Parity) -> None:
    assert life(parity, "plain", 7)["codes"] == [7]


def test_a9_the_last_window_asks_without_a_code(parity: Parity) -> None:
    told = life(parity, "destroy")
    assert told["codes"] == [None]
    assert told["labels"] == ["main"]
    assert told["returned"] == 0


@pytest.mark.peer_differs("`run_return` gives the code of `exit(code)`")
def test_a7_the_code_of_exit_is_returned(parity: Parity) -> None:
    assert life(parity, "plain", 7)["returned"] == 7


def test_a9_prevent_exit_keeps_the_app(parity: Parity) -> None:
    told = life(parity, "prevent", 3)
    assert told["codes"] == [3, 9]
    assert "MainEventsCleared" in told["seen"]


def test_a7_a11_exit_asked_for_again_at_the_end_changes_nothing(parity: Parity) -> None:
    told = life(parity, "exit again")
    assert told.get("returned") == 0


@pytest.mark.peer_differs("an exception in the callback is logged and contained")
def test_a7_an_exception_in_the_callback_is_contained(parity: Parity) -> None:
    told = parity.start("lives", {"PARITY_CASE": "raises"})
    told.wait_output("a callback said no")
    assert told.page().run("return 1 + 1") == 2


def test_a5_an_exception_in_setup_comes_out_of_run_return(parity: Parity) -> None:
    told = life(parity, "setup fails")
    assert "setup said no" in told["raised"]


@pytest.mark.peer_differs("what `setup` raises comes out as it was, an ordinary exception")
def test_a5_an_exception_in_setup_comes_out_as_it_was(parity: Parity) -> None:
    told = life(parity, "setup fails")
    assert (told["kind"], told["raised"]) == ("ValueError", "setup said no")


def test_a4_a10_errors_of_build_and_of_what_was_used(parity: Parity) -> None:
    told = life(parity, "errors")
    text = "TypeError: Missing required `**kwargs` arguments `BuilderArgs`"
    assert told["no_arguments"].startswith(text)
    assert told["builder"] == "RuntimeError: Already consumed"
    assert told["context"] == "RuntimeError: Already consumed"
    assert told["same_handle"] is True
    assert told["app_on_main"] is True
    assert told["code"] == 0
    assert told["after"] == ["RuntimeError: Already consumed"] * 2


@pytest.mark.peer_differs("an argument that there is not is refused")
def test_a4_an_unknown_argument_is_refused(parity: Parity) -> None:
    assert life(parity, "unknown argument")["unknown"].startswith("TypeError: ")


def test_a2_the_patch_replaces_arrays(parity: Parity) -> None:
    window = {"label": "other", "visible": False}
    patch = json.dumps({"app": {"windows": [window]}})
    assert life(parity, "plain", PARITY_PATCH=patch)["windows"] == ["other"]


def test_a11_the_handle_works_from_every_thread(parity: Parity) -> None:
    told = life(parity, "handle")
    assert told["identifier"] == "dev.transom.e2e"
    assert told["cursor"] == ["float", "float"]
    assert told["monitors"] >= 1
    assert told["monitor"] == [1600, 1000, True]
    assert told["primary"] in (True, False)
    assert told["corner"] is True
    assert told["on_main"] is True
    assert told["key"] is True
