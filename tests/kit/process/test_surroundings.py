"""Tests that workers are where the app is, also where paths are not in UTF-8."""

from __future__ import annotations

import importlib
import json
import logging
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from transom import CallContext, Commands, ProcessPool
from transom._executors.surroundings import pack, unpack
from transom.testing import InvokeError, TestApp

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(sys.platform != "linux", reason="paths are text there"),
]

ROOT = str(Path(__file__).parents[3])
ODD = "caf\udce9"
"""A name that is no UTF-8, as Python reads it."""


def where(ctx: CallContext) -> dict[str, Any]:
    """What this process has of it, in ASCII."""
    module: Any = importlib.import_module("odd_module")
    logging.getLogger(f"transom.test.{ODD}").info("where")
    return {
        "argv": [ascii(it) for it in sys.argv],
        "path": ascii(sys.path[-1]),
        "texts": all(isinstance(it, str) for it in sys.path),
        "cwd": ascii(str(Path.cwd())),
        "module": ascii(module.__file__),
        "here": [ascii(os.environ.get(name)) for name in ("INHERITED", "GIVEN", "TMPDIR")],
        "temporary": str(ctx.temp_dir()),
        "parent": os.getppid(),
    }


@pytest.fixture
def anyio_backend() -> str:
    """The app's own loop has no part in this."""
    return "asyncio"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for modules, whose name is no UTF-8, and in which the app is."""
    folder = tmp_path / ODD
    folder.mkdir()
    (folder / "odd_module.py").write_text("import os\nBY = os.getpid()\n")
    monkeypatch.syspath_prepend(ROOT)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture(params=["forked", "spawned"])
def started(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "spawned":
        monkeypatch.setattr(ProcessPool, "_zygote", lambda _: None)
    return request.param


def app_of(commands: Commands, **pool: Any) -> TestApp:
    commands.command(executor="process")(where)
    return TestApp(commands, executors={"process": ProcessPool(workers=1, **pool)})


async def test_what_is_no_utf8_reaches_workers_as_it_is(
    commands: Commands, folder: Path, started: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    logger = logging.getLogger(f"transom.test.{ODD}")
    monkeypatch.setattr(logger, "level", logging.INFO)
    monkeypatch.setattr(sys, "argv", [str(folder / "app.py"), ODD, "é", Path("x"), None])
    monkeypatch.setenv("INHERITED", ODD)
    monkeypatch.setenv("TMPDIR", str(folder))
    preload = ["odd_module"] if started == "forked" else []
    app = app_of(commands, env={"GIVEN": ODD}, preload=preload)
    # Not before: pydantic looks for its plugins, which does not bear it.
    monkeypatch.setattr(sys, "path", [*sys.path, Path("/"), None, 3, b"/", str(folder / "last")])
    async with app:
        found = await app.window().invoke("where")
    assert found["argv"] == [ascii(str(folder / "app.py")), ascii(ODD), ascii("é")]
    assert (found["path"], found["texts"]) == (ascii(str(folder / "last")), True)
    assert (found["cwd"], found["module"]) == (
        ascii(str(folder)),
        ascii(str(folder / "odd_module.py")),
    )
    assert found["here"] == [ascii(ODD), ascii(ODD), ascii(str(folder))]
    assert (found["parent"] == os.getpid()) is (started == "spawned")


@pytest.mark.parametrize("value", ["", "nowhere", None])
async def test_a_worker_sees_the_variables_for_temporary_files_that_the_app_has(
    commands: Commands, folder: Path, value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where no such folder is there, so that another is taken."""
    if value is None:
        monkeypatch.delenv("TMPDIR", raising=False)
    else:
        monkeypatch.setenv("TMPDIR", value)
    monkeypatch.setenv("TEMP", ROOT)
    async with app_of(commands) as app:
        found = await app.window().invoke("where")
    assert found["here"][-1] == ascii(value)
    assert Path(found["temporary"]).parent.parent == Path(ROOT)


async def test_a_module_that_fails_in_such_a_folder_is_named_and_no_other_left_out(
    commands: Commands, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "bad.py").write_text("raise ImportError('no licence')")
    with caplog.at_level(logging.WARNING, "transom"):
        async with app_of(commands, preload=["bad", "odd_module"]) as app:
            await app.window().invoke("where")
    assert "does not preload bad," in caplog.text
    assert "no licence" in caplog.text


async def test_an_app_starts_where_no_worker_can(
    commands: Commands, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program of the workers, and the package's folder, can only be given in UTF-8."""
    monkeypatch.setattr(sys, "executable", str(folder / "python"))

    @commands.command()
    def ping() -> str:
        return "pong"

    async with app_of(commands) as app:
        main = app.window()
        assert await main.invoke("ping") == "pong"
        with pytest.raises(InvokeError, match="which is not in UTF-8") as caught:
            await main.invoke("where")
        assert caught.value.code == "unavailable"


@pytest.mark.parametrize("text", ["", "app.py", "é €", ODD, "\ud800", "\0\x7f\xff", "🏠"])
def test_packed_text_is_what_it_was_and_every_reader_of_json_takes_it(text: str) -> None:
    packed = pack(text)
    json.dumps(packed, ensure_ascii=False).encode()
    assert unpack(packed) == text
    assert packed == text or not text.isascii()
