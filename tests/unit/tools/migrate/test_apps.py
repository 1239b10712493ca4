"""Moves whole small apps over, in the three shapes that PyTauri's documents have.

`apps/*/before` becomes `apps/*/after`; `apps/*/left.txt` is what the command says it left.
"""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from transom.migrate import sources

HERE = Path(__file__).parent / "apps"
SHAPES = sorted(it.name for it in HERE.iterdir())
NOWHERE = "http://127.0.0.1:9"
"""An index that nobody can reach."""

Run = Callable[..., str]


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes().decode()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("shape", SHAPES)
def test_an_app_is_moved_over(shape: str, run: Run, tmp_path: Path) -> None:
    app = tmp_path / "app"
    shutil.copytree(HERE / shape / "before", app)
    shown = run(app, "--index")
    assert contents(app) == contents(HERE / shape / "before"), "written without `--write`"

    printed = run(app, "--index", "--write")
    assert printed.partition("\nLeft")[0] == shown.partition("\nLeft")[0]
    assert contents(app) == contents(HERE / shape / "after")
    left = printed.partition("to be looked at:\n")[2].partition("\n\n")[0]
    assert left == (HERE / shape / "left.txt").read_text().rstrip("\n")

    assert "Nothing is to be changed." in run(app, "--index", "--write")
    assert contents(app) == contents(HERE / shape / "after")


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_written_is_valid(shape: str) -> None:
    for path, text in contents(HERE / shape / "after").items():
        if path.endswith(".py") and path != "python2.py":
            ast.parse(text)
        elif path.endswith(".toml"):
            tomllib.loads(text)
        elif path.endswith(".json"):
            json.loads(text)


def test_all_parts_come_from_where_the_installed_package_came(
    run: Run, tmp_path: Path, origin: Path
) -> None:
    app = tmp_path / "app"
    shutil.copytree(HERE / "template" / "before", app)
    run(app, "--write")
    package = json.loads((app / "package.json").read_text())["dependencies"]
    place = "vendor/tauri-plugin-transom-api-0.1.0.tgz"
    assert package["tauri-plugin-transom-api"] == f"file:{place}"
    assert (app / place).stat().st_size > 0
    crate = tomllib.loads((app / "src-tauri" / "Cargo.toml").read_text())["dependencies"]["transom"]
    features = ["python-main", "plugin-notification"]
    assert crate == {"path": origin.as_posix(), "features": features}
    python = tomllib.loads((app / "src-tauri" / "pyproject.toml").read_text())
    assert python["tool"]["uv"]["sources"] == {"transom": {"path": origin.as_posix()}}
    assert "Nothing is to be changed." in run(app, "--write")


def test_a_newer_client_takes_the_place_of_the_one_before(
    run: Run, tmp_path: Path, client: sources.Client
) -> None:
    before = '"tauri-plugin-transom-api": "file:vendor/tauri-plugin-transom-api-0.0.9.tgz"'
    (tmp_path / "package.json").write_text(f'{{"dependencies": {{{before}}}}}')
    run(tmp_path, "--write")
    assert (tmp_path / "package.json").read_text().count("0.1.0.tgz") == 1
    (tarball,) = (tmp_path / "vendor").iterdir()
    assert tarball.read_bytes() == client.data
    assert "Nothing is to be changed." in run(tmp_path, "--write")
    tarball.unlink()
    assert "new file: vendor/" in run(tmp_path, "--write")
    assert tarball.exists()


@pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm")
def test_an_app_installs_where_no_index_has_the_names(tmp_path: Path) -> None:
    """With the real tarball, and `@tauri-apps/api` from a folder: npm gets nothing from outside."""
    try:
        sources.Client.installed()
    except sources.MissingClientError:
        pytest.skip("the page's client was not built")
    api = Path(__file__).parents[4] / "js" / "node_modules" / "@tauri-apps" / "api"
    if not api.exists():
        pytest.skip("the packages of js are not installed")
    app = tmp_path / "app"
    app.mkdir()
    shutil.copytree(api, tmp_path / "api")
    dependencies = {"@tauri-apps/api": "file:../api", "tauri-plugin-pytauri-api": "^0.8.0"}
    (app / "package.json").write_text(json.dumps({"type": "module", "dependencies": dependencies}))
    (app / "requirements.txt").write_text("pytauri-wheel==0.8.0\n")
    env = {**os.environ, "PIP_INDEX_URL": NOWHERE, "npm_config_registry": NOWHERE}
    env |= {"npm_config_cache": str(tmp_path / "cache"), "npm_config_fetch_retries": "0"}

    def do(*command: str) -> str:
        done = subprocess.run(
            command, cwd=app, env=env, check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    do(sys.executable, "-m", "transom.migrate", ".", "--write")
    npm = shutil.which("npm")
    assert npm is not None
    do(npm, "install", "--no-audit", "--no-fund")
    script = (
        "import('tauri-plugin-transom-api/pytauri').then((it) => console.log(typeof it.pyInvoke))"
    )
    assert do("node", "-e", script).strip() == "function"
    do(sys.executable, "-m", "pip", "install", "--dry-run", "-r", "requirements.txt")
