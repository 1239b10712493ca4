"""Tests that the enums of the native side are Python's own."""

from __future__ import annotations

import copy
import enum
import pickle
from typing import Any

import pytest

import transom
from transom import CursorIcon, Theme
from transom.webview import SameSite
from transom.window import Effect, EffectState, ProgressBarState, ProgressBarStatus, TitleBarStyle

ENUMS = [
    CursorIcon,
    Effect,
    EffectState,
    ProgressBarStatus,
    SameSite,
    Theme,
    TitleBarStyle,
    transom.UserAttentionType,
]


@pytest.mark.parametrize("kind", ENUMS, ids=lambda kind: kind.__name__)
def test_they_are_enums(kind: type[enum.Enum]) -> None:
    assert issubclass(kind, enum.Enum)
    assert kind.__doc__
    assert kind.__module__.startswith("transom")
    members = list(kind)
    assert len(members) > 1
    for member in members:
        assert kind(member.value) is member
        assert kind[member.name] is member
        assert pickle.loads(pickle.dumps(member)) is member
        assert copy.deepcopy(member) is member


def test_a_member_that_no_attribute_can_be_called_has_two_names() -> None:
    assert ProgressBarStatus.None_ is getattr(ProgressBarStatus, "None")
    assert SameSite.None_.value == "None"


def test_they_come_back_as_they_went_in() -> None:
    state = ProgressBarState(status=ProgressBarStatus.Paused, progress=50)
    assert state.status is ProgressBarStatus.Paused


@pytest.mark.parametrize("wrong", ["Paused", 1, Theme.Dark, ProgressBarStatus])
def test_another_value_is_a_type_error(wrong: Any) -> None:
    with pytest.raises(TypeError, match="expected ProgressBarStatus, got"):
        ProgressBarState(status=wrong)
