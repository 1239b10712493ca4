"""What the command reads, what it refuses, and how it writes."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from transom.migrate.sources import Client

Run = Callable[..., str]

APP = "from pytauri import Commands\n"
DONE = "from transom import Commands\n"


@pytest.mark.parametrize(
    "folder",
    [".venv", "env-of-mine", "node_modules", "target", ".git", ".hg", ".svn", "gen/schemas"],
)
def test_what_tools_have_made_is_not_touched(folder: str, run: Run, tmp_path: Path) -> None:
    inside = tmp_path / "app" / folder / "lib" / "app.py"
    inside.parent.mkdir(parents=True)
    inside.write_text(APP)
    if folder == "env-of-mine":
        (tmp_path / "app" / folder / "pyvenv.cfg").touch()
    assert run(tmp_path / "app", "--write") == "\nNothing is to be changed.\n"
    assert inside.read_text() == APP


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"# \xe9\nimport pytauri", "no text in UTF-8"),
        (b"\0\nimport pytauri", "no text in UTF-8"),
        ("\nimport pytauri".encode("utf-16"), "no text in UTF-8"),
        (b"#" * (2 << 20) + b"\nimport pytauri", "larger than 2 MiB"),
    ],
    ids=["latin", "nul", "utf-16", "large"],
)
def test_what_cannot_be_read_is_named_and_not_touched(
    data: bytes, why: str, run: Run, tmp_path: Path
) -> None:
    app = tmp_path / "app"
    app.mkdir()
    (app / "app.py").write_bytes(data)
    (app / "other.py").write_bytes(data.replace(b"pytauri", b"asyncio").replace(b"p\0y", b"q\0y"))
    (app / "image.png").write_bytes(data)
    said = run(app, "--write")
    assert f"app.py:2: import pytauri\n    not read: it is {why}" in said
    assert said.count("not read") == 1
    assert said.endswith("\nNothing is to be changed.\n")
    assert (app / "app.py").read_bytes() == data


def test_what_may_not_be_opened_is_named(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = tmp_path / "app"
    app.mkdir()
    (app / "app.py").write_text(APP)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    monkeypatch.setattr(Path, "open", refuse)
    assert "app.py:1: \n    not read: Permission denied" in run(app)


def test_a_link_is_not_followed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "other.py").write_text(APP)
    (tmp_path / "app" / "app.py").symlink_to(tmp_path / "other.py")
    run(tmp_path / "app", "--write")
    assert (tmp_path / "other.py").read_text() == APP


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "import pytauri\r\n'ä'; pytauri.App\r\n",
            "import transom\r\n'ä'; transom.App\r\n",
        ),
        ("\ufefffrom pytauri import App", "\ufefffrom transom import App"),
    ],
    ids=["crlf", "mark"],
)
def test_ends_of_lines_stay(before: str, after: str, run: Run, tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_bytes(before.encode())
    run(app, "--write")
    assert app.read_bytes().decode() == after


def test_uncommitted_changes_are_not_overwritten(run: Run, tmp_path: Path) -> None:
    app = tmp_path / "app"
    app.mkdir()

    def git(*arguments: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        subprocess.run(["git", *who, *arguments], cwd=app, check=True, capture_output=True)

    git("init")
    (app / "app.py").write_text(APP)
    assert "not committed:\n  ?? app.py\ncommit them, or" in run(app, "--write", code=2)
    assert (app / "app.py").read_text() == APP
    assert "1 file would be changed" in run(app)
    git("add", "app.py")
    git("commit", "-m", "One")
    (app / "notes.py").write_text(APP)
    assert "?? notes.py" in run(app, "--write", code=2)
    run(app, "--write", "--force")
    assert (app / "app.py").read_text() == (app / "notes.py").read_text() == DONE


def test_wrong_arguments_say_what_is_wrong(run: Run, tmp_path: Path) -> None:
    assert "is not there" in run(tmp_path / "none", code=2)
    assert "there is no Cargo.toml" in run(tmp_path, "--crate", tmp_path, code=2)


def test_built_pages_are_left(run: Run, tmp_path: Path) -> None:
    for folder in ("bundled", "by-hand"):
        (tmp_path / folder / "dist").mkdir(parents=True)
        (tmp_path / folder / "dist" / "a.js").write_text("__TAURI__.pytauri;\n")
    (tmp_path / "bundled" / "package.json").write_text("{}")
    run(tmp_path, "--write")
    assert "pytauri" in (tmp_path / "bundled" / "dist" / "a.js").read_text()
    assert "transom" in (tmp_path / "by-hand" / "dist" / "a.js").read_text()


@pytest.mark.parametrize("where", ["python", "python and package.json", "python, from an index"])
def test_pages_import_what_npm_finds(where: str, run: Run, tmp_path: Path) -> None:
    """Where Python code names the package, no path beside the file can be written for ours."""
    page = 'import { pyInvoke } from "tauri-plugin-pytauri-api";\n'
    packages = 'PACKAGES = {"tauri-plugin-pytauri-api": "0.8.0"}\n'
    manifest = '{"dependencies": {"tauri-plugin-pytauri-api": "0.8.0"}}'
    (tmp_path / "page.ts").write_text(page)
    (tmp_path / "build.py").write_text(packages)
    if "package.json" in where:
        (tmp_path / "package.json").write_text(manifest)
    index = ["--index"] if "index" in where else []
    printed = run(tmp_path, "--write", *index)
    ours = '"tauri-plugin-transom-api/pytauri"' in (tmp_path / "page.ts").read_text()
    assert ours == (where != "python")
    if where == "python":
        assert printed.count("its calls are answered") == 2
        assert (tmp_path / "page.ts").read_text() == page
    if not index:
        assert (tmp_path / "build.py").read_text() == packages
        assert "its calls are answered" in printed
    assert "Nothing is to be changed." in run(tmp_path, "--write", *index)


def test_the_client_of_the_installed_package_has_its_version() -> None:
    try:
        client = Client.installed()
    except Exception as error:  # noqa: BLE001
        pytest.skip(str(error))
    manifest = Path(__file__).parents[4] / "js" / "package.json"
    version = client.name.removeprefix("tauri-plugin-transom-api-").removesuffix(".tgz")
    assert f'"version": "{version}"' in manifest.read_text()
