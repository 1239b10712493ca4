"""Every public name can be imported from the root, and is the same thing there as at its home."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType

import pytest

import transom
from transom import async_tools, errors, ipc, path, webview, window

HOMES = [async_tools, errors, ipc, path, webview, window]


@pytest.mark.parametrize("home", HOMES, ids=lambda it: it.__name__)
def test_a_name_is_at_its_home_and_at_the_root(home: ModuleType) -> None:
    assert home.__all__ == sorted(home.__all__)
    assert [it for it in home.__all__ if it not in transom.__all__] == []
    for name in home.__all__:
        assert getattr(transom, name) is getattr(home, name), name


def test_the_root_lists_what_it_has() -> None:
    there = {
        name
        for name in dir(transom)
        if not name.startswith("_")
        and (name == "EXT_MOD" or not isinstance(getattr(transom, name), ModuleType))
    }
    assert there - {"complete", "import_module", "Any", "TYPE_CHECKING"} == set(transom.__all__)
    with pytest.raises(AttributeError, match="module 'transom' has no attribute 'Chanel'"):
        _ = transom.Chanel  # type: ignore[attr-defined]


def test_the_root_loads_no_more_than_it_needs() -> None:
    """The models of channels cost a fifth of the import, and few apps start with one."""
    code = """
import sys, transom
assert not {"transom.ipc", "transom.testing", "pydantic.fields"} & sys.modules.keys(), "too much"
from transom import *
assert Channel is transom.ipc.Channel
"""
    subprocess.run([sys.executable, "-c", code], check=True)
