"""Says once, clearly, what is missing, instead of failing in each test."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from transom._cli import node


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    if not any(item.path.is_relative_to(here) for item in items):
        return
    if sys.platform != "linux":
        pytest.exit("these tests drive WebKitGTK and run on Linux only", 1)
    if (problem := node.problem()) is not None:
        pytest.exit(problem, 1)
