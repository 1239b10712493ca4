"""Tests `transom new`: what it makes without a window, and what it refuses."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from transom._cli import new, node
from transom._cli.main import app
from transom._scaffold import writing
from transom._scaffold.catalog import LAYERS, TEMPLATES
from transom._scaffold.naming import Naming

PACKAGE = Path(__file__).parents[3] / "python"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(PACKAGE))
    # The tests in tests/e2e look at the types, which take another interpreter.
    monkeypatch.setattr(writing, "write_types", lambda *_: None)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["new", *arguments], prog_name="transom")


def refused(here: Path, *arguments: str) -> str:
    """What is said of it. Nothing is left, and nothing that was there has changed."""
    before = sorted(here.rglob("*"))
    done = run(*arguments)
    assert done.exit_code == 1, done.output
    assert not isinstance(done.exception, OSError)
    assert sorted(here.rglob("*")) == before
    return done.stderr


@pytest.mark.parametrize("template", TEMPLATES)
def test_each_template_becomes_a_project_of_that_name(here: Path, template: str) -> None:
    names = ("--title", "Fish & Chips", "--identifier", "org.fish.chips")
    done = run("fish_shop", "--template", template, *names)
    assert done.exit_code == 0, done.output
    assert [it.name for it in here.iterdir()] == ["fish_shop"]
    files = [it for it in (here / "fish_shop").rglob("*") if it.is_file()]
    texts = {it: it.read_text() for it in files if it.suffix not in {".png", ".ico", ".tgz"}}
    for file, text in texts.items():
        for word in ("hello", "Hello App", "@more", "client.tgz", "_gitignore"):
            assert word not in text.replace("Hello, ", ""), file
    assert "Fish &amp; Chips" in "".join(it for file, it in texts.items() if file.suffix == ".html")
    if template != "rust":
        folder = here / "fish_shop" / "fish_shop"
        configuration = tomllib.loads((folder / "Tauri.toml").read_text())
        assert configuration["productName"] == "Fish & Chips"
        assert configuration["identifier"] == "org.fish.chips"
    assert oct((here / "fish_shop").stat().st_mode) == oct(here.stat().st_mode)


def test_every_layer_is_used() -> None:
    used = {layer.source for template in TEMPLATES.values() for layer in template.layers}
    assert used == {it.name for it in LAYERS.iterdir()}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("my-app", "try `my_app`"),
        ("7up", "try `up`"),
        ("größe", "letters from a to z"),
        ("_hidden", "begins with a letter"),
        ("", "letters from a to z"),
        ("class", "a word of Python's own"),
        ("match", "a word of Python's own"),
        ("json", "Python's standard library"),
        ("Queue", "Python's standard library"),
        ("transom", "is a package that is installed here"),
        ("pydantic", "is a package that is installed here"),
        ("tests", "a folder of the project itself"),
    ],
)
def test_a_name_that_will_not_do_is_refused(here: Path, name: str, said: str) -> None:
    assert said in refused(here, name)


def test_options_that_will_not_do_are_refused(here: Path) -> None:
    assert "plain, vite-ts, react" in refused(here, "hello", "-t", "angular")
    assert "com.example.notes" in refused(here, "hello", "--identifier", "hello")
    assert "`.app`" in refused(here, "hello", "--identifier", "com.hello.app")
    assert "has a `/`" in refused(here, "hello", "--title", "a/b")
    assert "line of text" in refused(here, "hello", "--title", "a\nb")
    assert "no folder `nowhere`" in refused(here, "nowhere/hello")


def test_what_is_there_is_left_as_it_is(here: Path) -> None:
    (here / "hello").write_text("mine")
    assert "already, which is left as it is" in refused(here, "hello")
    (here / "other").mkdir()
    assert "already" in refused(here, "other")
    # `python -m` has this folder on its path, and what lies in it is no installed package.
    sys.path.insert(0, "")
    try:
        assert "already" in refused(here, "other")
    finally:
        sys.path.remove("")
    (here / "link").symlink_to("nowhere")
    assert "already" in refused(here, "link")


def test_a_folder_that_cannot_be_written_is_named(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(**_: object) -> str:
        raise PermissionError(13, "Permission denied", str(here / ".hello-1"))

    monkeypatch.setattr(writing.tempfile, "mkdtemp", denied)
    assert f"Permission denied: `{here}" in refused(here, "hello")


def test_nothing_is_left_of_what_fails_on_the_way(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = OSError(28, "No space left on device", "somewhere")
    monkeypatch.setattr(writing, "write_types", lambda *_: (_ for _ in ()).throw(full))
    assert "No space left on device" in refused(here, "hello")


def test_a_program_that_is_told_to_end_leaves_nothing(here: Path) -> None:
    script = (
        "import time; from transom._cli.main import app; from transom._scaffold import writing;"
        "writing.write_types = lambda *_: (print('begun', flush=True), time.sleep(600));"
        "app(['new', 'hello', '-y'])"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout as output:
        assert output.readline() == "begun\n"
        assert [it for it in here.iterdir() if it.name.startswith(".hello-")]
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 128 + signal.SIGTERM
    assert list(here.iterdir()) == []


def node_that_says(folder: Path, version: str) -> str:
    folder.mkdir()
    for name in ("node", "npm"):
        (folder / name).write_text(f"#!/bin/sh\necho {version}\n")
        (folder / name).chmod(0o755)
    return str(folder)


@pytest.mark.skipif(os.name == "nt", reason="its Node is a script of a shell")
def test_a_node_that_will_not_do_is_told_of(
    tmp_path_factory: pytest.TempPathFactory, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("path")
    will_do = {"v20.19.0", "v22.12.0", "v24.1.0"}
    for version in {*will_do, "v20.18.9", "v21.5.0", "v22.11.0", "nothing"}:
        monkeypatch.setenv("PATH", node_that_says(folder / version, version))
        assert (node.problem() is None) == (version in will_do), version
    monkeypatch.setenv("PATH", str(folder))
    assert "there is no Node with npm" in refused(here, "hello", "-t", "vite-ts", "--install")
    done = run("hello", "-t", "vite-ts")
    assert done.exit_code == 0
    assert "there is no Node with npm" in done.stdout


def test_names_are_made_from_the_name() -> None:
    found = Naming.of("my_great_app")
    assert (found.title, found.slug) == ("My great app", "my-great-app")
    assert found.identifier == "com.example.my-great-app"


def test_it_says_what_comes_next_and_can_be_quiet(here: Path) -> None:
    said = run("hello").stdout
    assert "cd hello" in said
    assert "transom dev" in said
    assert run("other", "--quiet").output == ""


def test_it_asks_where_somebody_can_be_asked(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(new, "is_interactive", lambda: True)
    monkeypatch.setattr(node, "problem", lambda: None)
    answers = "angular\nvue\nFish\norg.fish\n"
    done = CliRunner().invoke(app, ["new", "hello"], input=answers)
    assert done.exit_code == 0, done.output
    assert "there is no `angular`" in done.stderr
    assert (here / "hello" / "frontend" / "src" / "MainWindow.vue").exists()
    configuration = tomllib.loads((here / "hello" / "hello" / "Tauri.toml").read_text())
    assert (configuration["productName"], configuration["identifier"]) == ("Fish", "org.fish")
    for options in (["--yes"], ["--template", "plain"], ["--title", "Other"]):
        name = options[0].strip("-")
        assert CliRunner().invoke(app, ["new", name, *options], input="").exit_code == 0


@pytest.mark.skipif(os.name == "nt", reason="its npm is a script of a shell")
def test_npm_is_run_on_request(
    tmp_path_factory: pytest.TempPathFactory, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("path")
    monkeypatch.setenv("PATH", node_that_says(folder / "bin", "v22.12.0"), prepend=os.pathsep)
    assert "npm run build)" in run("hello", "-t", "react", "--install").stdout
    (folder / "bin" / "npm").write_text("#!/bin/sh\nexit 3\n")
    done = run("other", "-t", "react", "--install")
    assert done.exit_code == 1
    assert "`npm install` has failed in other/frontend: the app is there" in done.stderr
    assert (here / "other").is_dir()
