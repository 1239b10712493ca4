"""Makes the app of a guide page importable, for Python and for its workers."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from pages import GUIDE, write


@pytest.fixture
def app_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], ModuleType]]:
    """`app_of("streams.md")` is the module `app` of that page; its folder is `tmp_path`."""

    def load(page: str) -> ModuleType:
        write(GUIDE / page, tmp_path)
        monkeypatch.syspath_prepend(str(tmp_path))
        return importlib.import_module("app")

    yield load
    sys.modules.pop("app", None)
