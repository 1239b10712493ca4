"""Tests that workers live with what the app, or a preloaded module, changes in its process."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from transom import Commands, ProcessPool
from transom._executors.process import BOOT, MARK
from transom.testing import InvokeError, TestApp

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(sys.platform != "linux", reason="workers are not forked"),
]

IGNORES = "import signal\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
REAPS = """
import os, signal

def reap(*_):
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass

signal.signal(signal.SIGCHLD, reap)
"""
HURRIES = "import socket\nsocket.setdefaulttimeout(1e-6)\n"


def die() -> None:
    os._exit(7)


def on_child() -> list[Any]:
    """What this worker does with SIGCHLD, and the process that has forked it."""
    found: Any = signal.getsignal(signal.SIGCHLD)
    return [getattr(found, "__name__", None) or getattr(found, "name", None), os.getppid()]


def timeout() -> float | None:
    return socket.getdefaulttimeout()


@pytest.fixture
def anyio_backend() -> str:
    """The app's own loop has no part in this."""
    return "asyncio"


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for modules, from which the workers import."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.fixture
def ignored() -> Iterator[None]:
    """The app ignores SIGCHLD, which programs that it starts inherit."""
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGCHLD, before)


def app_of(commands: Commands, **pool: Any) -> TestApp:
    for func in (die, on_child, timeout):
        commands.command(executor="process")(func)
    options: dict[str, Any] = {"workers": 1, "quarantine": None, "max_restarts": None} | pool
    return TestApp(commands, executors={"process": ProcessPool(**options)})


async def die_twice(app: TestApp, disposition: str) -> None:
    main = app.window()
    name, zygote = await main.invoke("on_child")
    assert name == disposition
    for _ in range(2):
        with pytest.raises(InvokeError) as caught:
            await main.invoke("die")
        assert caught.value.code == "worker-lost"
        assert (caught.value.details or {})["exitCode"] == 7
    assert await main.invoke("on_child") == [disposition, zygote]


@pytest.mark.parametrize(("text", "disposition"), [(IGNORES, "SIG_IGN"), (REAPS, "reap")])
async def test_a_preloaded_module_may_do_with_the_ends_of_its_children_what_it_likes(
    commands: Commands, modules: Path, text: str, disposition: str
) -> None:
    """The process that forks lives on and knows how workers end, which have what was set."""
    (modules / "children.py").write_text(text)
    async with app_of(commands, preload=["children"]) as app:
        await die_twice(app, disposition)


@pytest.mark.usefixtures("ignored")
async def test_an_app_may_ignore_the_ends_of_its_children(commands: Commands) -> None:
    async with app_of(commands) as app:
        await die_twice(app, "SIG_IGN")


async def test_a_preloaded_module_may_set_a_timeout_for_new_sockets(
    commands: Commands, modules: Path
) -> None:
    (modules / "hurry.py").write_text(HURRIES)
    async with app_of(commands, preload=["hurry"]) as app:
        main = app.window()
        assert [await main.invoke("timeout") for _ in range(3)] == [1e-6] * 3


async def test_a_timeout_for_new_sockets_may_be_set_before_a_worker_begins(
    commands: Commands, tmp_path: Path
) -> None:
    """For the process that forks, too."""
    (tmp_path / "sitecustomize.py").write_text(HURRIES)
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    async with app_of(commands, env={"PYTHONPATH": path}) as app:
        main = app.window()
        assert [await main.invoke("timeout") for _ in range(3)] == [1e-6] * 3


@pytest.mark.parametrize("arguments", [[], ["zygote"]], ids=["worker", "zygote"])
def test_a_process_whose_host_is_gone_ends_without_a_word(arguments: list[str]) -> None:
    ours, theirs = socket.socketpair(
        type=socket.SOCK_SEQPACKET if arguments else socket.SOCK_STREAM
    )
    with theirs:
        process = subprocess.Popen(
            [sys.executable, BOOT, *arguments],
            stdin=theirs.fileno(),
            stderr=subprocess.PIPE,
            env={**os.environ, MARK: "1"},
        )
    ours.close()
    _, complaints = process.communicate(timeout=300)
    assert (process.returncode, complaints) == (0, b"")
