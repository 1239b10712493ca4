"""Tests how models become JSON for events and channels: as results do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel
from pydantic_core import PydanticSerializationError

from transom._values.models import json_of


class Anything(BaseModel):
    value: Any


class Own(Anything):
    def model_dump_json(self, **options: Any) -> str:
        return f'"{len(options)} options"'


@pytest.mark.parametrize(
    ("scalar", "text"),
    [
        (np.int64(5), "5"),
        (np.float32(0.5), "0.5"),
        (np.bool_(True), "true"),
        ([np.uint8(1), {"a": np.float64(2.5)}], '[1,{"a":2.5}]'),
    ],
)
def test_a_scalar_of_numpy_is_the_number(scalar: Any, text: str) -> None:
    assert json_of(Anything(value=scalar)) == f'{{"value":{text}}}'


@pytest.mark.parametrize("value", [np.zeros(3), object(), np.datetime64("2026-01-01")])
def test_what_is_no_number_is_refused(value: Any) -> None:
    with pytest.raises(PydanticSerializationError):
        json_of(Anything(value=value))


def test_a_model_that_writes_itself_does_so() -> None:
    assert json_of(Own(value=np.int64(5))) == '"0 options"'
