"""Tests which modules are imported anew when one has changed."""

from pathlib import Path

import pytest

from transom._dev.agent.graph import MAIN, Graph, ModuleSource, RestartError, imports_of
from transom._dev.agent.project import AppModules

KNOWN = {"app", "app.models", "app.registry", "app.deep", "app.deep.inner", "other"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import app.models", {"app.models"}),
        ("import app.models as m, json", {"app.models"}),
        ("from app import models", {"app.models"}),
        ("from app import VERSION", {"app"}),
        ("from .models import Person", {"app.models"}),
        ("from . import models, registry", {"app.models", "app.registry"}),
        ("from .deep.inner import x", {"app.deep.inner"}),
        ("try:\n    import other\nexcept ImportError:\n    pass", {"other"}),
        ("class A:\n    from .models import Person", {"app.models"}),
        ("def f():\n    from .models import Person", set()),
        ("if TYPE_CHECKING:\n    import other\nelse:\n    import app.deep", {"app.deep"}),
        ("if typing.TYPE_CHECKING:\n    import other", set()),
    ],
)
def test_imports_are_read(text: str, found: set[str]) -> None:
    assert imports_of(text, "app", KNOWN) == found


def test_relative_imports_go_up() -> None:
    assert imports_of("from ..models import x", "app.deep", KNOWN) == {"app.models"}
    assert imports_of("from .. import registry", "app.deep", KNOWN) == {"app.registry"}


APP = {
    "registry": set[str](),
    "models": set[str](),
    "greet": {"models", "registry"},
    "files": {"registry"},
    MAIN: {"greet", "files", "registry"},
}


def test_what_imports_a_changed_module_is_stale_and_the_main_module_is_not() -> None:
    graph = Graph(APP)
    assert graph.stale({"models"}, {"registry": False}) == {"models", "greet"}
    assert graph.stale({"files"}, {"registry": False}) == {"files"}
    everything = {"registry", "greet", "files"}
    assert graph.stale({"registry"}, {"registry": False}) == everything


def test_a_registry_that_only_collects_its_commands_stays() -> None:
    """As a package does that imports the modules of its commands at its end."""
    imports = {"app": {"app.greet"}, "app.greet": {"app"}, "app.more": {"app"}, MAIN: {"app"}}
    assert Graph(imports).stale({"app.greet"}, {"app": False}) == {"app.greet"}


def test_a_registry_with_commands_of_its_own_is_stale_and_what_imports_it_is_not() -> None:
    imports = {"models": set[str](), "app": {"models"}, "more": {"app"}, MAIN: {"app"}}
    assert Graph(imports).stale({"models"}, {"app": True}) == {"models", "app"}


def test_the_main_module_restarts_the_app_when_it_has_changed() -> None:
    with pytest.raises(RestartError, match="main module has changed"):
        Graph(APP).stale({MAIN}, {})
    with pytest.raises(RestartError, match="registers commands"):
        Graph({"models": set(), MAIN: {"models"}}).stale({"models"}, {MAIN: True})


def test_circles_end() -> None:
    graph = Graph({"a": {"b"}, "b": {"a"}, "c": {"b"}})
    assert graph.stale({"a"}, {}) == {"a", "b", "c"}
    assert graph.reaches({"c"}) == {"a", "b", "c"}


@pytest.mark.parametrize("text", [b"x = '\xff'\n", b"# coding: nope\n", b"x = 1\0\n"])
def test_what_is_no_text_is_an_error_of_that_file(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "odd.py"
    file.write_bytes(text)
    with pytest.raises(SyntaxError) as caught:
        AppModules(tmp_path).graph({"odd": ModuleSource("odd", file, "")})
    assert caught.value.filename == str(file)
