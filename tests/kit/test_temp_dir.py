"""`ctx.temp_dir()`: a folder that goes with its call."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest

from transom import CallContext, Commands, ProcessPool
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
