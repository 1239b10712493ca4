"""Tests cancelled and killed calls in workers: what they leave to other calls and the machine."""

from __future__ import annotations

import hashlib
import importlib
import mmap
import multiprocessing
import os
import queue
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Any

import anyio
import pytest

from transom import Commands, ProcessPool
from transom.testing import InvokeError, TestApp, TestCall

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(sys.platform != "linux", reason="what a worker has started is not seen"),
]

WaitFor = Callable[[Callable[[], object]], Awaitable[None]]
MIB = 1 << 20

PACKAGE = """
import time
from pathlib import Path
import heavy.part
HERE = Path(__file__).parent
(HERE / "importing").touch()
end = time.monotonic() + 600
while not (HERE / "go on").exists() and time.monotonic() < end:
    time.sleep(0.002)
VALUE = heavy.part.VALUE
"""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def pid() -> int:
    return os.getpid()


def use_heavy(body: str) -> int:
    """Imports a package whose second import finds what a first one that was cut left behind."""
    if body not in sys.path:
        sys.path.insert(0, body)
    value = importlib.import_module("heavy").VALUE
    while not Path(body, "done").exists():
        time.sleep(0.002)
    return value


def spin(body: str) -> None:
    Path(body).touch()
    while True:
        pass


def wait_in_library(body: str) -> None:
    Path(body).touch()
    queue.Queue[int]().get()


def callback(body: str) -> None:
    """The app's own code, called by a library's."""

    def factory() -> str:
        spin(body)
        return ""

    subprocess.list2cmdline([Lazy(factory)])


class Lazy:
    def __init__(self, make: Callable[[], str]) -> None:
        self._make = make

    def __fspath__(self) -> str:
        return self._make()


def burn(path: str) -> None:
    Path(path, str(os.getpid())).touch()
    while True:
        pass


def burn_in_pool(body: str) -> None:
    multiprocessing.get_context("fork").Pool(2).map(burn, [body] * 2)


def wait_for_child(body: str) -> None:
    start_child(body)
    time.sleep(60)


def wait_and_be_deaf(body: str) -> None:
    start_child(body)
    hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31 - 1)


def start_child(path: str) -> None:
    """In a session of its own."""
    child = subprocess.Popen(["sleep", "60"], start_new_session=True)
    Path(path, str(child.pid)).touch()


def start_child_and_die(body: str) -> None:
    """The child stays in the worker's session."""
    child = subprocess.Popen(["sleep", "60"])
    Path(body, str(child.pid)).touch()
    os.kill(os.getpid(), signal.SIGKILL)


def swallow(body: str) -> None:
    """As C code does that has a cancel come out as an error of its own."""
    with suppress(BaseException):
        spin(body)
    raise RuntimeError("interrupted")


def share_and_be_deaf(body: str) -> None:
    share(body)
    hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31 - 1)


def share(body: str) -> None:
    kept.append(SharedMemory(create=True, size=MIB))
    Path(body).write_text(kept[-1].name)


def sum_of_file(body: str) -> int:
    with Path(body).open("rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as data:
        found = sum(data[at] for at in range(0, len(data), mmap.PAGESIZE))
        time.sleep(0.5)
        return found


def size_of(body: memoryview) -> int:
    found = sum(body[:: mmap.PAGESIZE])
    time.sleep(0.5)
    return len(body) + found


def child_grows(body: int) -> None:
    work = f"import time; hoard = bytearray(b'x') * {body}; time.sleep(60)"
    subprocess.run([sys.executable, "-c", work], check=False)


kept: list[SharedMemory] = []


def app_of(commands: Commands, **pool: Any) -> TestApp:
    functions = (
        *(pid, use_heavy, spin, wait_in_library, callback, burn_in_pool, wait_for_child),
        *(wait_and_be_deaf, swallow, share_and_be_deaf, share, sum_of_file, size_of, child_grows),
        start_child_and_die,
    )
    for func in functions:
        commands.command(executor="process")(func)
    options: dict[str, Any] = {"workers": 1, "grace": 20.0, "start_timeout": 300.0, **pool}
    return TestApp(commands, executors={"process": ProcessPool(**options)})


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]
    except OSError:
        return False
    return state != "Z"


async def cancelled(call: TestCall) -> str:
    call.cancel()
    with pytest.raises(InvokeError, match="aborted"):
        await call
    return await call.released()


async def test_an_import_is_whole_before_a_cancel_comes_out(
    commands: Commands, tmp_path: Path, wait_for: WaitFor
) -> None:
    package = tmp_path / "heavy"
    package.mkdir()
    (package / "__init__.py").write_text(PACKAGE)
    (package / "part.py").write_text("VALUE = 42")
    async with app_of(commands, after_cancel="keep") as app:
        main = app.window()
        before = await main.invoke("pid")
        call = main.start("use_heavy", str(tmp_path))
        await wait_for((package / "importing").exists)
        call.cancel()
        with pytest.raises(InvokeError, match="aborted"):
            await call
        # More than the patience for a good place.
        await anyio.sleep(0.5)
        assert [it.command for it in app.calls()] == ["use_heavy"]
        (package / "go on").touch()
        assert await call.released() == "cancelled"
        (tmp_path / "done").touch()
        assert await main.invoke("use_heavy", str(tmp_path)) == 42
        assert await main.invoke("pid") == before


@pytest.mark.parametrize(
    ("command", "options", "stays"),
    [
        ("spin", {}, True),
        ("spin", {"after_cancel": "keep"}, True),
        ("spin", {"after_cancel": "replace"}, False),
        ("wait_in_library", {}, False),
        ("wait_in_library", {"after_cancel": "keep"}, True),
        ("wait_in_library", {"initializer": pid}, True),
        ("callback", {}, False),
    ],
)
async def test_a_worker_that_was_cut_in_a_library_is_replaced_where_that_is_cheap(
    commands: Commands,
    tmp_path: Path,
    wait_for: WaitFor,
    command: str,
    options: dict[str, Any],
    stays: bool,
) -> None:
    async with app_of(commands, **options) as app:
        main = app.window()
        before = await main.invoke("pid")
        call = main.start(command, str(tmp_path / "started"))
        await wait_for((tmp_path / "started").exists)
        assert await cancelled(call) == "cancelled"
        assert (await main.invoke("pid") == before) is stays


@pytest.mark.parametrize(
    ("command", "children", "options", "end"),
    [
        ("burn_in_pool", 2, {}, "cancelled"),
        ("burn_in_pool", 2, {"after_cancel": "keep"}, "cancelled"),
        ("wait_for_child", 1, {"after_cancel": "keep"}, "cancelled"),
        ("wait_and_be_deaf", 1, {"grace": 0.2}, "killed"),
    ],
)
async def test_what_a_call_has_started_ends_with_it(
    commands: Commands,
    tmp_path: Path,
    wait_for: WaitFor,
    command: str,
    children: int,
    options: dict[str, Any],
    end: str,
) -> None:
    def started() -> list[int]:
        return [int(it.name) for it in tmp_path.iterdir()]

    async with app_of(commands, **options) as app:
        call = app.window().start(command, str(tmp_path))
        await wait_for(lambda: len(started()) == children)
        # A busy machine may need longer than the clean-up has.
        assert await cancelled(call) in {end, "abandoned"}
        await wait_for(lambda: not any(map(alive, started())))
        await anyio.sleep(0.3)
        assert not any(map(alive, started())), "nor does it come back"


async def test_what_a_worker_has_started_ends_when_it_dies(
    commands: Commands, tmp_path: Path, wait_for: WaitFor
) -> None:
    def started() -> list[int]:
        return [int(it.name) for it in tmp_path.iterdir()]

    async with app_of(commands) as app:
        with pytest.raises(InvokeError, match="SIGKILL"):
            await app.window().invoke("start_child_and_die", str(tmp_path))
        assert len(started()) == 1
        await wait_for(lambda: not any(map(alive, started())))


async def test_a_call_that_fails_after_its_cancel_was_raised_is_cancelled(
    commands: Commands, tmp_path: Path, wait_for: WaitFor, caplog: pytest.LogCaptureFixture
) -> None:
    async with app_of(commands, after_cancel="keep") as app:
        main = app.window()
        call = main.start("swallow", str(tmp_path / "started"))
        await wait_for((tmp_path / "started").exists)
        assert await cancelled(call) == "cancelled"
        assert await main.invoke("pid") > 0
    assert "Traceback" not in caplog.text


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Callable[[], Path | None]]:
    """The shared memory that a command has made."""

    def found() -> Path | None:
        told = tmp_path / "name"
        name = told.read_text() if told.exists() else ""
        return Path("/dev/shm", name) if name else None

    yield found
    left = found()
    if left is not None:
        left.unlink(missing_ok=True)


async def test_a_kill_leaks_no_shared_memory(
    commands: Commands, tmp_path: Path, wait_for: WaitFor, shared: Callable[[], Path | None]
) -> None:
    async with app_of(commands, grace=0.1) as app:
        call = app.window().start("share_and_be_deaf", str(tmp_path / "name"))
        await wait_for(shared)
        memory = shared()
        assert memory is not None
        assert memory.exists()
        assert await cancelled(call) == "killed"
        await wait_for(lambda: not memory.exists())


async def test_the_end_of_an_app_leaks_none(
    commands: Commands, tmp_path: Path, wait_for: WaitFor, shared: Callable[[], Path | None]
) -> None:
    async with app_of(commands) as app:
        await app.window().invoke("share", str(tmp_path / "name"))
        memory = shared()
        assert memory is not None
        assert memory.exists()
    await wait_for(lambda: not memory.exists())


async def test_mapped_files_and_bodies_are_not_what_a_worker_holds(
    commands: Commands, tmp_path: Path
) -> None:
    file = tmp_path / "large"
    file.write_bytes(bytes(200 * MIB))
    async with app_of(commands, max_memory=150 * MIB) as app:
        main = app.window()
        assert await main.invoke("sum_of_file", str(file)) == 0
        assert await main.invoke("size_of", bytes(160 * MIB)) == 160 * MIB


async def test_what_a_child_holds_counts(commands: Commands) -> None:
    async with app_of(commands, max_memory=150 * MIB) as app:
        with pytest.raises(InvokeError, match="it and its children held") as caught:
            await app.window().invoke("child_grows", 300 * MIB)
        assert caught.value.code == "worker-lost"
