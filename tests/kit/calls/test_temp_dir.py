"""Tests `ctx.temp_dir()`, a folder that is deleted with its call."""

from __future__ import annotations

import hashlib
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest

from transom import CallContext, Commands, ProcessPool
from transom._call.temporary import folders
from transom.testing import InvokeError, TestApp

pytestmark = pytest.mark.anyio

PROCESSES = pytest.param(
    "process", marks=pytest.mark.skipif(sys.platform == "win32", reason="there are no workers yet")
)


def write(ctx: CallContext) -> list[str]:
    folder = ctx.temp_dir()
    assert ctx.temp_dir() == folder, "one for each call"
    (folder / "deep").mkdir()
    (folder / "deep" / "file").write_text("x")
    return [str(folder), (folder / "deep" / "file").read_text()]


async def write_on_the_loop(ctx: CallContext) -> list[str]:
    found = write(ctx)
    await anyio.lowlevel.checkpoint()
    return found


def write_and_be_deaf(body: str, ctx: CallContext) -> None:
    Path(body).write_text(write(ctx)[0])
    hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31 - 1)


@pytest.mark.parametrize("executor", ["async", "thread", PROCESSES])
async def test_it_is_gone_with_its_call(
    commands: Commands, executor: str, wait_for: Callable[..., Awaitable[None]]
) -> None:
    func = write_on_the_loop if executor == "async" else write
    commands.command("write", executor=executor)(func)
    async with TestApp(commands) as app:
        main = app.window()
        (first, text), (second, _) = await main.invoke("write"), await main.invoke("write")
        assert (text, first != second) == ("x", True)
        await wait_for(lambda: not Path(first).exists() and not Path(second).exists())


class Later:
    """Asks for a call's folder in a thread that outlives the call."""

    def __init__(self) -> None:
        self.may_ask = threading.Event()
        self.answers = list[Path | Exception]()

    def ask(self, ctx: CallContext) -> None:
        def ask() -> None:
            self.may_ask.wait(600)
            try:
                self.answers.append(ctx.temp_dir())
            except Exception as error:  # noqa: BLE001
                self.answers.append(error)

        threading.Thread(target=ask).start()


async def ask_later_on_the_loop(ctx: CallContext) -> None:
    later.ask(ctx)
    await anyio.lowlevel.checkpoint()


def ask_later(ctx: CallContext) -> None:
    later.ask(ctx)


def answers() -> list[str]:
    later.may_ask.set()
    wait_until(lambda: later.answers)
    return [repr(it) for it in later.answers]


def files(ctx: CallContext) -> list[str]:
    return [str(it) for it in ctx.temp_dir().iterdir()]


def wait_until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 120
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)


later = Later()


@pytest.mark.parametrize("executor", ["async", "thread", PROCESSES])
async def test_a_call_that_has_ended_gets_none(
    commands: Commands, executor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older call's folder would be given to a newer one that has its place in the memory."""
    monkeypatch.setattr(sys.modules[__name__], "later", Later())
    func = ask_later_on_the_loop if executor == "async" else ask_later
    commands.command("ask", executor=executor)(func)
    own = "process" if executor == "process" else "thread"
    commands.command(executor=own)(answers)
    commands.command(executor=own)(files)
    pool = ProcessPool(workers=1)
    async with TestApp(commands, executors={"process": pool}) as app:
        main = app.window()
        await main.invoke("ask")
        (answer,) = await main.invoke("answers")
        assert answer.startswith("RuntimeError('the call of `ask` has ended")
        assert [await main.invoke("files") for _ in range(10)] == [[]] * 10


@pytest.mark.skipif(sys.platform == "win32", reason="there are no workers yet")
async def test_without_the_folder_for_temporary_files_another_is_found(
    commands: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the same way in the app and in a worker."""
    for executor in ("thread", "process"):
        commands.command(executor, executor=executor)(write)
    monkeypatch.setattr(folders, "_root", None)
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "nowhere"))
    async with TestApp(commands) as app:
        main = app.window()
        parents = list[Path]()
        for executor in ("thread", "process"):
            found, text = await main.invoke(executor)
            assert text == "x"
            parents.append(Path(found).parent.parent)
        assert parents == [Path(tempfile.gettempdir())] * 2


@pytest.mark.skipif(sys.platform == "win32", reason="there are no workers yet")
async def test_it_is_gone_with_a_kill(
    commands: Commands, tmp_path: Path, wait_for: Callable[..., Awaitable[None]]
) -> None:
    commands.command(executor="process")(write_and_be_deaf)
    pool = ProcessPool(workers=1, grace=0.1)
    async with TestApp(commands, executors={"process": pool}) as app:
        told = tmp_path / "told"
        call = app.window().start("write_and_be_deaf", str(told))
        await wait_for(lambda: told.exists() and told.read_text())
        folder = Path(told.read_text())
        await wait_for(folder.exists)
        call.cancel()
        with pytest.raises(InvokeError, match="aborted"):
            await call
        assert await call.released() == "killed"
        await wait_for(lambda: not folder.parent.exists())
