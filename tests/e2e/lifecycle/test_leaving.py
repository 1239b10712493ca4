"""Tests what an app leaves behind at its end, and that the process ends anyway."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness import RunApp
from leaving import HTML, check, source
from patience import tried_again

from transom.testing.webdriver import wait_for

LEFT = {
    "to_thread": """
@commands.command()
async def leave(app_handle: AppHandle) -> None:
    later(app_handle, 3)
    await asyncio.to_thread(time.sleep, 1000)
""",
    "run_in_executor": """
@commands.command()
async def leave(app_handle: AppHandle) -> None:
    later(app_handle, 3)
    await asyncio.get_running_loop().run_in_executor(None, time.sleep, 1000)
""",
    "anyio": """
@commands.command()
async def leave(app_handle: AppHandle) -> None:
    later(app_handle, 3)
    await anyio.to_thread.run_sync(time.sleep, 1000)
""",
    "a pool of threads": """
pool = concurrent.futures.ThreadPoolExecutor(2)


@commands.command()
def leave(app_handle: AppHandle) -> None:
    pool.submit(time.sleep, 1000)
    later(app_handle, 3)
""",
    "a thread": """
@commands.command()
def leave(app_handle: AppHandle) -> None:
    threading.Thread(target=time.sleep, args=(1000,), name="lingers", daemon=False).start()
    later(app_handle, 3)
""",
    "a process": """
@commands.command()
def leave(app_handle: AppHandle) -> None:
    child = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(1000,))
    child.start()
    (HERE / "child").write_text(str(child.pid))
    later(app_handle, 3)
""",
    "a pool of processes": """
pool = concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))


@commands.command()
async def leave(app_handle: AppHandle) -> None:
    (HERE / "child").write_text(str(await asyncio.wrap_future(pool.submit(os.getpid))))
    later(app_handle, 3)
    await asyncio.to_thread(pool.submit(time.sleep, 1000).result)
""",
    "a task that swallows its cancel": """
async def lingers() -> None:
    while True:
        try:
            await asyncio.sleep(1000)
        except asyncio.CancelledError:
            pass


@commands.command()
async def leave(app_handle: AppHandle) -> None:
    global task
    task = asyncio.create_task(lingers())
    later(app_handle, 3)
""",
    "a command that swallows its cancel": """
@commands.command()
async def leave(app_handle: AppHandle) -> None:
    later(app_handle, 3)
    while True:
        try:
            await asyncio.sleep(1000)
        except asyncio.CancelledError:
            pass
""",
    "an async callback": """
async def lingers(_event: object) -> None:
    await asyncio.sleep(1000)


def set_up(app_handle) -> None:
    Listener.listen(app_handle, "linger", lingers)


@commands.command()
async def leave(app_handle: AppHandle) -> None:
    from transom import Emitter
    Emitter.emit_str(app_handle, "linger", "1")
    later(app_handle, 3)
""",
}
NAMED = {
    "to_thread": "asyncio_0",
    "run_in_executor": "asyncio_0",
    "a pool of threads": "ThreadPoolExecutor",
    "a thread": "lingers",
    "a process": "Process-1",
    "a pool of processes": "process `SpawnProcess",
    "a task that swallows its cancel": "lingers",
}


def is_alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


@pytest.mark.parametrize("left", LEFT)
@tried_again
def test_what_is_left_behind_does_not_keep_the_process(run_app: RunApp, left: str) -> None:
    done = run_app(source(LEFT[left]), html=HTML)
    check(done)
    assert "returned 3" in done.output
    if left in NAMED:
        assert NAMED[left] in done.output, done.output
    child = done.folder / "child"
    if child.exists():
        pid = int(child.read_text())
        wait_for(lambda: not is_alive(pid), what="the end of the child")


@pytest.mark.parametrize("left", ["anyio", "an async callback"])
@tried_again
def test_what_is_left_behind_on_trio_does_not_keep_the_process(run_app: RunApp, left: str) -> None:
    text = source(LEFT[left], "trio").replace("asyncio.sleep", "anyio.sleep")
    check(run_app(text, html=HTML))


@tried_again
def test_a_logging_that_blocks_does_not_keep_the_process(run_app: RunApp) -> None:
    changes = """
import logging


class Blocks(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        time.sleep(1000)


@commands.command()
async def leave(app_handle: AppHandle) -> None:
    later(app_handle, 3)
    logging.getLogger().addHandler(Blocks())
    logging.getLogger("app").warning("the last record")
"""
    done = run_app(source(changes), html=HTML)
    check(done)
    assert "the logging does not take this" in done.output, done.output


@pytest.mark.parametrize("left", ["to_thread", "a process"])
@tried_again
def test_run_ends_at_once_whatever_is_left(run_app: RunApp, left: str) -> None:
    changes = LEFT[left] + "\natexit.unregister(print)\n"
    text = source(changes).replace("app.run_return()", "app.run()")
    done = run_app(text, html=HTML)
    assert done.code == 3, done.output
    assert done.after("begun") < 200
    child = done.folder / "child"
    if child.exists():
        pid = int(child.read_text())
        wait_for(lambda: not is_alive(pid), what="the end of the child")


@pytest.mark.parametrize(
    "left",
    ["to_thread", "a task that swallows its cancel", "a command that swallows its cancel"],
)
@tried_again
def test_the_portal_is_closed_at_once_and_a_process_that_goes_on_is_left_alone(
    run_app: RunApp, left: str
) -> None:
    # Longer than any ceiling, between the end of the app and that of the interpreter.
    changes = (
        LEFT[left]
        + """
def main(run) -> None:
    run()
    global returned
    returned = time.time()

def last() -> None:
    print("left alone")
    os._exit(6)
"""
    )
    text = (
        source(changes)
        + """
    print("portal closed:", time.time() - returned < 200)
    time.sleep(12)
    last()
"""
    )
    done = run_app(text, html=HTML)
    assert done.code == 6, done.output
    assert "portal closed: True" in done.output, done.output
    assert "left alone" in done.output


ABOVE = {
    "a callback that runs on": """
def set_up(app_handle) -> None:
    def run_on(_event: object) -> None:
        begin(app_handle, 3)
        for _ in range(40):
            time.sleep(0.05)

    Listener.once_any(app_handle, "go", run_on)


@commands.command()
def leave(app_handle: AppHandle) -> None:
    Emitter.emit_str(app_handle, "go", "1")
""",
    "threads that ask without pause": """
def set_up(app_handle) -> None:
    def ask(what) -> None:
        while True:
            try:
                what()
            except Exception:
                pass

    window = Manager.get_webview_window(app_handle, "main")
    for what in (
        app_handle.calls,
        app_handle.workers,
        lambda: app_handle.cancel(1),
        lambda: window.blocking_call("none", timeout=0.01),
        lambda: Emitter.emit_filter(app_handle, "x", Model(), lambda target: False),
        lambda: Listener.unlisten(app_handle, Listener.listen(app_handle, "y", print)),
    ):
        threading.Thread(target=ask, args=(what,), daemon=True).start()


@commands.command()
def leave(app_handle: AppHandle) -> None:
    later(app_handle, 3)
""",
}
WAYS = {
    "sys.exit": ("", 3),
    "an exception out of main": (
        """
def main(run) -> None:
    run()
    raise LookupError
""",
        1,
    ),
    "sys.exit in setup": (
        """
before = set_up


def set_up(app_handle) -> None:
    before(app_handle)
    time.sleep(0.3)
    BEGUN.write_text(str(time.time()))
    sys.exit(5)
""",
        5,
    ),
}
CALLBACK, THREADS = ABOVE


@pytest.mark.parametrize(
    ("above", "way"),
    [
        (CALLBACK, "sys.exit"),
        (CALLBACK, "an exception out of main"),
        *((THREADS, way) for way in WAYS),
    ],
)
@tried_again
def test_python_code_that_runs_at_the_end_aborts_nothing(
    run_app: RunApp, above: str, way: str
) -> None:
    changes, code = WAYS[way]
    imports = """
import pydantic
from transom import Emitter

class Model(pydantic.BaseModel):
    x: int = 1
"""
    check(run_app(source(imports + ABOVE[above] + changes), html=HTML), code)
