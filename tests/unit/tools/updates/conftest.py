"""Provides a pair of keys, and a server with what was published."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from update_keys import Keys, Release
from update_server import Served, serving

from transom._updates import keys


@pytest.fixture(scope="session")
def pair() -> Keys:
    return Keys.made()


@pytest.fixture(scope="session")
def other_pair() -> Keys:
    return Keys.made()


@pytest.fixture(autouse=True)
def no_keys_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (keys.KEY, keys.KEY_PATH, keys.PASSWORD, "SOURCE_DATE_EPOCH"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path / "site", tmp_path / "tls") as server:
        yield server


@pytest.fixture
def release(tmp_path: Path, pair: Keys, served: Served) -> Release:
    return Release(tmp_path / "built", pair, served)
