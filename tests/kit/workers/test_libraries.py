"""Tests heavy libraries in workers that are cancelled at random moments. See `make soak`."""

from __future__ import annotations

import sys

import pytest
from libraries import SMALL, Work
from soak import soak

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(sys.platform == "win32", reason="there are no worker processes yet"),
]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize("work", SMALL, ids=lambda it: it.__name__)
async def test_a_library_that_was_cut_gives_the_right_answer_after(work: Work) -> None:
    seen = await soak(work, cancels=8)
    assert seen.wrong == []
    assert sum(seen.ends.values()) == 8
