"""Tests that lengths and coordinates are checked when they are made."""

from __future__ import annotations

from typing import Any

import pytest

from transom import Position, Size
from transom.window import ProgressBarState

NAN, INFINITY = float("nan"), float("inf")


@pytest.mark.parametrize("side", [NAN, INFINITY, -1.0, -0.5, 1e300])
def test_what_is_no_length_is_refused(side: float) -> None:
    for sides in ((side, 1.0), (1.0, side)):
        with pytest.raises(ValueError, match="is not a length"):
            Size.Logical(sides)


@pytest.mark.parametrize("side", [-1, 1 << 31, 1 << 70])
def test_what_is_no_number_of_pixels_is_refused(side: int) -> None:
    with pytest.raises(ValueError, match="is not a length"):
        Size.Physical((side, 1))


@pytest.mark.parametrize("place", [NAN, -INFINITY, 32768.0, -1e300])
def test_what_no_window_can_be_at_is_refused(place: float) -> None:
    with pytest.raises(ValueError, match="is not a coordinate"):
        Position.Logical((0.0, place))


@pytest.mark.parametrize("place", [32768, -(1 << 40)])
def test_what_no_pixel_is_at_is_refused(place: int) -> None:
    with pytest.raises(ValueError, match="is not a coordinate"):
        Position.Physical((place, 0))


@pytest.mark.parametrize("percent", [-1, 101, 1 << 70])
def test_what_is_no_percentage_is_refused(percent: int) -> None:
    with pytest.raises(ValueError, match="is not a percentage"):
        ProgressBarState(progress=percent)


@pytest.mark.parametrize("wrong", ["1", None, 1.5])
def test_a_wrong_type_is_a_type_error(wrong: Any) -> None:
    with pytest.raises(TypeError):
        Size.Physical((wrong, 1))


def test_what_there_is_stays_as_it_was_given() -> None:
    match Size.Logical((0.0, 99_999.5)):
        case Size.Logical((width, height)):
            assert (width, height) == (0.0, 99_999.5)
        case _:
            pytest.fail("no logical size")
    match Position.Physical((-32_000, 5)):
        case Position.Physical((x, y)):
            assert (x, y) == (-32_000, 5)
        case _:
            pytest.fail("no physical position")
