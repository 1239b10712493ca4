"""Tests the app of the guide's page about clusters."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from pages import GUIDE, files

from transom import RayExecutor
from transom.testing import TestApp

pytestmark = pytest.mark.anyio


async def test_the_app_of_the_guide_counts_primes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "primes_on_ray.py").write_text(files(GUIDE / "cluster.md")["app.py"])
    monkeypatch.syspath_prepend(str(tmp_path))
    module = import_module("primes_on_ray")
    async with TestApp(module.commands, executors={"cluster": RayExecutor()}) as app:
        told = list[float]()
        main = app.window()
        count = await main.invoke("count_primes", 100, on_progress=lambda it: told.append(it.done))
        assert count == 25
        assert told[-1] == 98
