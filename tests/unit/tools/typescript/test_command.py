"""Tests `transom types`: what it writes, checks and refuses."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from transom._cli.loading import UsageError, load
from transom._cli.main import app

PACKAGE = Path(__file__).parents[4] / "python"
APP = '''
from transom import Commands

commands = Commands()


@commands.command()
async def greet(body: str) -> str:
    """Greets somebody."""
    return f"Hello, {body}!"
'''


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "transom", *arguments]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(PACKAGE), "NO_COLOR": "1", "TERM": "dumb"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "main.py").write_text(APP)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield tmp_path
    for module in [it for it in sys.modules if it.split(".")[0] == "app"]:
        del sys.modules[module]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, prog_name="transom")


def test_a_file_is_written_once_and_checked(folder: Path) -> None:
    target, out = "app.main:commands", folder / "src" / "api.ts"
    missing = run("types", target, "-o", "src/api.ts", "--check")
    assert missing.exit_code == 1
    assert "run `transom types app.main:commands -o src/api.ts`" in missing.stderr
    assert not out.exists()
    assert run("types", target, "-o", "src/api.ts").stdout == "wrote src/api.ts\n"
    text, changed = out.read_text(), out.stat().st_mtime_ns
    assert "/** Greets somebody. */\nexport function greet(body: string, " in text
    current = run("types", "app/main.py", "-o", "src/api.ts")
    assert (current.exit_code, current.stdout) == (0, "src/api.ts is current\n")
    assert run("types", target, "-o", "src/api.ts", "--quiet").stdout == ""
    assert out.stat().st_mtime_ns == changed
    assert run("types", target, "-o", "src/api.ts", "--check").exit_code == 0
    out.write_text(text + "\n")
    assert run("types", target, "-o", "src/api.ts", "--check").exit_code == 1
    assert out.read_text() == text + "\n"
    assert [it.name for it in out.parent.iterdir()] == ["api.ts"]


WRONG = {
    "nowhere.main:commands": "there is no module `nowhere.main` in ",
    "app.nowhere": "there is no module `app.nowhere` in ",
    "nowhere.py": "there is no file ",
    "app.main:others": "`app.main` has no `Commands` named `others`; write `app.main:commands`",
    "app.broken": "ZeroDivisionError",
    "app.needs": "No module named 'nowhere'",
    "app.starts": 'start the app only under `if __name__ == "__main__":`',
    "app.empty": "`app.empty` has no `Commands` named `commands`: write MODULE:NAME",
    "..": "there is no module `..` in ",
}


def test_what_cannot_be_done_says_why(folder: Path) -> None:
    (folder / "app" / "broken.py").write_text("1 / 0")
    (folder / "app" / "needs.py").write_text("import nowhere")
    (folder / "app" / "starts.py").write_text("raise SystemExit(3)")
    (folder / "app" / "empty.py").write_text("")
    for target, text in WRONG.items():
        with pytest.raises(UsageError) as caught:
            load(target, folder)
        assert text in str(caught.value), target


def test_what_is_wrong_ends_it_and_writes_nothing(folder: Path) -> None:
    done = run("types", "app.main:others", "-o", "api.ts")
    assert done.exit_code == 1
    assert done.stderr.startswith("transom types: `app.main` has no `Commands`")
    both = run("types", "app.main", "-o", "api.ts", "--check", "--watch")
    assert both.exit_code == 2
    assert "do not go together" in both.stderr
    assert not (folder / "api.ts").exists()


def test_a_file_that_cannot_be_written_is_named(folder: Path) -> None:
    (folder / "taken").mkdir()
    for arguments in (["taken"], ["taken", "--check"], ["/proc/none/api.ts"]):
        done = run("types", "app.main", "-o", *arguments)
        assert done.exit_code == 1
        assert f"{arguments[0]} cannot be written or read" in done.stderr
    assert not list((folder / "taken").iterdir())


def test_it_writes_anew_when_a_file_changes(folder: Path) -> None:
    arguments = command("types", "app.main", "-o", "api.ts", "--watch")
    with subprocess.Popen(
        arguments, cwd=folder, env=environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "wrote api.ts\n"
            (folder / "app" / "main.py").write_text(APP.replace("greet", "welcome"))
            assert process.stdout.readline() == "wrote api.ts\n"
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    assert "export function welcome(" in (folder / "api.ts").read_text()


def test_without_its_packages_it_says_what_to_install(folder: Path) -> None:
    (folder / "typer.py").write_text(
        "raise ModuleNotFoundError('No module named typer', name='typer')"
    )
    arguments = command("types", "app.main", "-o", "api.ts")
    done = subprocess.run(
        arguments, cwd=folder, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert 'pip install "transom[cli]"' in done.stderr


def test_it_says_its_version_and_its_commands() -> None:
    assert run("--version").stdout.startswith("transom 0.")
    assert "types" in run("--help").stdout
