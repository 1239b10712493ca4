"""Tests which app `transom dev` finds in a folder, and what a saved file means for it."""

from pathlib import Path

import pytest

from transom._dev.tool.project import ProjectError, find
from transom._dev.tool.session import Saved
from transom._dev.tool.watch import saved
from transom._project.configuration import ConfigurationError

TOML = 'identifier = "a.b"\nbuild.frontendDist = "frontend"\n'
SERVED = """
identifier = "a.b"
[build]
before-dev-command = "npm run dev"
dev-url = "http://localhost:5173"
"""


def configured(text: str) -> dict[str, str]:
    return {"Tauri.toml": f'identifier = "a.b"\n{text}\n'}


def make(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_a_package_a_file_and_a_module_are_found(tmp_path: Path) -> None:
    here = make(tmp_path, {"hello/__main__.py": "", "hello/Tauri.toml": TOML, "tool.py": ""})
    app = find(None, here)
    assert app.arguments == ("-m", "hello")
    assert (app.config, app.pages) == (here / "hello", here / "hello" / "frontend")
    assert find("hello", here) == app
    # As a shell completes it.
    assert find("hello/", here) == find("./hello", here) == app
    assert find("tool.py", here).arguments == (str(here / "tool.py"),)
    assert find("tool", here).arguments == ("-m", "tool")


def test_one_file_is_an_app(tmp_path: Path) -> None:
    here = make(tmp_path / "one", {"app.py": "", "tauri.conf.json": '{"identifier": "a.b"}'})
    assert find(None, here).arguments == (str(here / "app.py"),)
    assert find("one", tmp_path).root == here


def test_a_server_is_read_from_the_configuration(tmp_path: Path) -> None:
    here = make(tmp_path, {"app/__main__.py": "", "app/Tauri.toml": SERVED, "package.json": "{}"})
    app = find(None, here)
    assert app.server is not None
    assert (app.server.command, app.server.folder) == ("npm run dev", here)
    assert (app.address, app.pages) == (("localhost", 5173), None)


def test_pyproject_names_app_and_types(tmp_path: Path) -> None:
    settings = '[tool.transom]\napp = "b"\ntypes = "src/api.ts"\n'
    files = {"a/__main__.py": "", "b/__main__.py": "", "b/Tauri.toml": TOML}
    app = find(None, make(tmp_path, {"pyproject.toml": settings, **files}))
    assert (app.name, app.types) == ("b", tmp_path / "src" / "api.ts")


@pytest.mark.parametrize(
    ("target", "files", "error"),
    [
        (None, {}, "there is no app in"),
        (None, {"a/__main__.py": "", "b/__main__.py": ""}, "there are several apps"),
        (None, {"app.py": ""}, "there is no configuration"),
        (None, {"app.py": "", "Tauri.toml": "x ="}, "cannot be read"),
        (None, {"app.py": "", "tauri.conf.json5": "{a: 1}"}, "no plain JSON"),
        ("nope", {}, "there is no module `nope`"),
        ("nope.py", {}, "there is no file"),
        ("a", {"a/__init__.py": "", "a/x.py": ""}, "there is no app in"),
        ("a.b", {"a/b/__init__.py": ""}, "has no `__main__.py`"),
        ("../a", {"app.py": ""}, "there is no module"),
        (None, {"pyproject.toml": "tool = 3"}, "`tool` is to be a table"),
        (None, {"pyproject.toml": "[tool]\ntransom = 3"}, "`tool.transom` is to be a table"),
        (None, {"pyproject.toml": "[tool.transom]\napp = 3"}, "`app` is to be a text"),
        (
            None,
            {
                "pyproject.toml": "project = 3\ntool.transom.types = 3",
                "app.py": "",
                **configured(""),
            },
            "`types` is to be a text",
        ),
        (None, {"app.py": "", **configured("build = 3")}, "`build` is to be a table"),
        (None, {"app.py": "", **configured("build.devUrl = 3")}, "`devUrl` is to be a text"),
        (
            None,
            {"app.py": "", **configured('build.devUrl = "http://localhost:99999"')},
            "`build.devUrl` is no address",
        ),
        (
            None,
            {"app.py": "", **configured("build.beforeDevCommand = { wait = true }")},
            "`build.beforeDevCommand` has no `script",
        ),
    ],
)
def test_what_is_no_app_says_what_to_do(
    tmp_path: Path, target: str | None, files: dict[str, str], error: str
) -> None:
    with pytest.raises((ProjectError, ConfigurationError), match=error):
        find(target, make(tmp_path, files))


def test_saves_are_told_apart(tmp_path: Path) -> None:
    here = make(tmp_path, {"hello/__main__.py": "", "hello/Tauri.toml": TOML})
    app = find(None, here)
    hello = here / "hello"
    code = Saved(frozenset({hello / "a.py", hello / "b.py"}))
    assert saved(app, [hello / "a.py", hello / "b.py"]) == code
    assert saved(app, [hello / "frontend" / "x.css"]) == Saved(pages=True)
    drafts = [".x.css.swp", "x.css~", ".api.ts.4711"]
    assert saved(app, [hello / "frontend" / it for it in drafts]) is None
    assert saved(app, [hello / "Tauri.linux.toml"]) == Saved(start="Tauri.linux.toml")
    assert saved(app, [hello / "capabilities" / "main.json"]) == Saved(start="main.json")
    assert saved(app, [hello / "native.so"]) == Saved(start="native.so")
    assert saved(app, [hello / "notes.txt"]) is None
