"""Tests the process that forks an app's workers: that it does, and that nothing depends on it."""

from __future__ import annotations

import os
import signal
from typing import Any

from family import alive, parent, workers, zygotes
from harness import Page, PageError, StartApp

from transom.testing.webdriver import wait_for

APP = """
import os, sys, time
from pathlib import Path
from anyio.from_thread import start_blocking_portal
import transom
from transom import Commands, ProcessPool
{imports}

commands = Commands()

@commands.command()
async def host_pid() -> int:
    return os.getpid()

@commands.command()
async def set_word(body: str) -> None:
    os.environ["WORD"] = body

def backend() -> str:
    return os.environ["MPLBACKEND"]

commands.command(executor="thread")(backend)
commands.command("worker_backend", executor="process")(backend)

@commands.command(executor="process")
def word() -> str:
    return os.environ.get("WORD", "")

@commands.command(executor="process")
def pid() -> int:
    return os.getpid()

@commands.command(executor="process")
def loaded() -> list[int]:
    import preloaded
    return [preloaded.BY, os.getpid()]

@commands.command(executor="process")
def nap(body: str) -> int:
    Path(body).touch()
    time.sleep(1.5)
    return os.getpid()

@commands.command(executor="process")
def hold(body: str) -> None:
    Path(body).touch()
    time.sleep(600)

@commands.command(executor="process")
def leave() -> None:
    os._exit(7)

if __name__ == "__main__":
    with start_blocking_portal() as portal:
        pools = {{"process": ProcessPool(workers=1, quarantine=None, {options})}}
        handler = commands.generate_handler(portal, executors=pools)
        app = transom.builder_factory().build(
            transom.context_factory(Path(__file__).parent), invoke_handler=handler)
        sys.exit(app.run_return())
"""

THREADED = """
import threading
threading.Thread(target=threading.Event().wait, name="counter", daemon=True).start()
"""


def app(imports: str = "", **options: Any) -> str:
    text = ", ".join(f"{name}={value!r}" for name, value in options.items())
    return APP.format(imports=imports, options=text)


def begin(page: Page, command: str, mark: os.PathLike[str]) -> None:
    """Starts a call, and waits until it runs."""
    source = "window.call = transom.pyInvoke(...args).then((v) => v, (e) => e)"
    page.run(source, command, str(mark))
    wait_for(lambda: os.path.exists(mark), what="the call")  # noqa: PTH110


def end(page: Page) -> object:
    return page.run("return await window.call")


def test_workers_are_forked_by_a_zygote_which_has_no_thread_but_one(start_app: StartApp) -> None:
    page = start_app(app()).page()
    host = page.invoke("host_pid")
    assert zygotes(host) == []
    worker = page.invoke("pid")
    (zygote,) = zygotes(host)
    assert parent(worker) == zygote
    assert len(os.listdir(f"/proc/{zygote}/task")) == 1  # noqa: PTH208
    assert os.getsid(worker) == worker


def test_a_death_is_told_exactly_through_the_zygote(start_app: StartApp) -> None:
    page = start_app(app()).page()
    error = page.failure("leave")
    assert (error.code, error.details["exitCode"]) == ("worker-lost", 7)
    host = page.invoke("host_pid")
    wait_for(lambda: all(alive(pid) for pid in workers(host)), what="no zombies")


def test_a_zygote_that_dies_costs_no_call_and_another_takes_its_place(
    start_app: StartApp,
) -> None:
    running = start_app(app())
    page = running.page()
    host = page.invoke("host_pid")
    worker = page.invoke("pid")
    (zygote,) = zygotes(host)
    begin(page, "nap", running.folder / "napping")
    os.kill(zygote, signal.SIGKILL)
    assert end(page) == worker
    wait_for(lambda: not os.path.exists(f"/proc/{zygote}"), what="its end")  # noqa: PTH110
    begin(page, "hold", running.folder / "holding")
    os.kill(worker, signal.SIGKILL)
    error = end(page)
    assert isinstance(error, PageError)
    assert error.code == "worker-lost"
    assert "its zygote is gone" in error.message
    # The spare, which the first zygote has forked too; it is replaced when it is in use.
    spare = page.invoke("pid")
    (another,) = wait_for(lambda: zygotes(host), what="another zygote")
    os.kill(spare, signal.SIGKILL)

    def of_another() -> bool:
        try:
            return parent(page.invoke("pid")) == another
        except PageError:  # it got the worker that was dying
            return False

    wait_for(of_another, what="a worker of the other zygote")


def test_a_worker_finds_the_environment_of_the_host_as_it_is_then(start_app: StartApp) -> None:
    running = start_app(app(warm=0, env={"OTHER": "x"}))
    page = running.page()
    assert page.invoke("word") == ""
    page.invoke("set_word", "Grüße")
    page.failure("leave")
    assert page.invoke("word") == "Grüße"


def test_modules_can_be_imported_once_for_all_workers(start_app: StartApp) -> None:
    files = {"preloaded.py": "import os\nBY = os.getpid()\n"}
    page = start_app(app(preload=["preloaded"]), files=files).page()
    by, worker = page.invoke("loaded")
    assert [by] == zygotes(page.invoke("host_pid"))
    assert worker != by


def test_a_preload_that_cannot_be_is_named_and_the_pool_goes_on_as_without(
    start_app: StartApp,
) -> None:
    files = {
        "threaded.py": THREADED,
        "preloaded.py": "import os\nBY = os.getpid()\n",
    }
    running = start_app(app(preload=["preloaded", "threaded"]), files=files)
    page = running.page()
    by, worker = page.invoke("loaded")
    (zygote,) = zygotes(page.invoke("host_pid"))
    assert by == zygote == parent(worker)
    assert "starts threads when it is imported (counter)" in running.wait_output(
        "does not preload threaded, which each worker imports by itself"
    )
    error = page.failure("leave")
    assert (error.code, error.details["exitCode"]) == ("worker-lost", 7)
    assert page.invoke("backend") == page.invoke("worker_backend") == "agg"
