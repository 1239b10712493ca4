"""PARITY B1 to B5: what registering a command says. Each test is named after its row."""

from __future__ import annotations

from typing import Any

import pytest
from packages import Parity


@pytest.fixture(scope="module")
def told(parity: Parity) -> dict[str, Any]:
    return parity.told("registry")


def test_b1_commands_is_a_mapping(told: dict[str, Any]) -> None:
    assert told["names"] == ["other", "third"]
    assert told["contains"] == [False, True]
    assert told["same entry"] is True


def test_b2_registering(told: dict[str, Any]) -> None:
    assert told["returned unchanged"] is True
    text = "Command `other` already exists. If it's expected, use `set_command` instead."
    assert told["duplicate"] == text
    assert told["parameters"] == ["app_handle", "body"]


ANNOTATED = "Expected `s` to be `typing.Annotated[type["
CONVERT = "Failed to convert `"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("good", "ok"),
        ("every_kind", "ok"),
        ("no_annotation", "ValueError: Expected `body` to have type annotation, but got empty"),
        (
            "by_position",
            "ValueError: Expected `body` to be KEYWORD parameter, but got `POSITIONAL_ONLY` ",
        ),
        ("wrong_handle", "ValueError: Expected `app_handle` to be `<class '"),
        ("wrong_window", "ValueError: Expected `webview_window` to be `<class '"),
        ("wrong_headers", "ValueError: Expected `headers` to be `"),
        ("other_name", "ValueError: Unexpected parameter `x`, expected one of ("),
        ("arguments", "ValueError: Unexpected parameter `args`, expected one of ("),
        ("keywords", "ValueError: Unexpected parameter `kw`, expected one of ("),
        ("state_class", f"ValueError: {ANNOTATED}"),
        ("state_of_union", f"ValueError: {ANNOTATED}"),
        ("own_body", f"ValueError: {CONVERT}"),
        (
            "no_return",
            "ValueError: Expected the return value to have type annotation, but got empty. Please",
        ),
    ],
)
def test_b3_b4_b5_signatures(told: dict[str, Any], name: str, text: str) -> None:
    assert told[name].startswith(text)
