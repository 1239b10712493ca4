"""Tests processes that a command forks: they behave as in plain Python, and spare the app."""

from __future__ import annotations

import re
import signal
from typing import Any

import pytest
from harness import App, Page, RunApp, StartApp

SAW: dict[str, Any] = {
    "leave_at_once": 7,
    "leave_by_sys_exit": 7,
    "come_back": 0,
    "fail": 1,
    "interrupt": -signal.SIGINT,
    "terminate": -signal.SIGTERM,
    "user1": -signal.SIGUSR1,
    "terminate_fork": -signal.SIGTERM,
    "terminate_forkserver": -signal.SIGTERM,
    "terminate_spawn": -signal.SIGTERM,
    "pool_fork": [1, 2, 3],
    "pool_forkserver": [1, 2, 3],
    "pool_spawn": [1, 2, 3],
    "executor": [1, 2, 3],
    "spawn": [-signal.SIGTERM, 0],
    "spawn_prepared": [-signal.SIGTERM, 0],
}
BACK = {"come_back_later": 0, "leave_a_callback": 0, "leave_by_sys_exit": 7, "fail": 1}
COMMANDS = ["in_thread", "on_loop", "in_worker", "on_loop_of_worker"]
# Those that start an interpreter take their time, and have nothing of the event loop.
SLOW = [it for it in SAW if it.endswith(("spawn", "forkserver")) and it != "spawn"]
CASES = [(c, it) for it in SAW for c in COMMANDS if it not in SLOW or not c.startswith("on_loop")]
CHANNEL = "const c = new window.__TAURI__.core.Channel(); return await transom.pyInvoke(args[0], c)"


@pytest.fixture(scope="module")
def app(start_shared: StartApp) -> App:
    return start_shared("forks")


@pytest.fixture
def page(app: App) -> Page:
    return app.page()


@pytest.mark.parametrize(("command", "act"), CASES)
def test_a_fork_is_a_plain_process(page: Page, command: str, act: str) -> None:
    host, worker = page.invoke("pid"), page.invoke("worker_pid")
    assert page.invoke(command, act) == SAW[act]
    # Both live, answer, and are the ones that they were.
    assert page.invoke("ping") == "pong"
    assert page.invoke("pid") == host
    assert page.invoke("worker_pid") == worker


@pytest.mark.parametrize("command", COMMANDS)
def test_a_program_ignores_the_signals_that_it_would_anyway(page: Page, command: str) -> None:
    assert page.invoke(command, "ignored") == page.invoke("ignored_at_start")


# With uvloop, which is the default where it is installed, and without.
@pytest.mark.parametrize("backend", ["", "asyncio", "trio"])
def test_a_fork_that_comes_back_to_the_event_loop_ends(start_app: StartApp, backend: str) -> None:
    page = start_app("forks", env={"BACKEND": backend}).page()
    for command in ("on_loop", "on_loop_of_worker"):
        saw = [page.invoke(command, act) for act in BACK]
        assert (saw, page.invoke("ping")) == ([*BACK.values()], "pong"), command


@pytest.mark.parametrize("command", ["refused", "refused_in_worker"])
def test_in_a_fork_every_call_of_ours_raises(page: Page, command: str) -> None:
    assert page.run(CHANNEL, command) == []
    assert page.invoke("ping") == "pong"


PLACES = """
import atexit, os, sys, threading
from pathlib import Path
from anyio.from_thread import start_blocking_portal
from pydantic import BaseModel
from transom import AppHandle, Commands, Emitter, Listener, builder_factory, context_factory

HERE = Path(__file__).parent
commands = Commands()
pids = {}
left = threading.Semaphore(0)


def fork(place):
    pid = os.fork()
    if pid:
        pids[place] = pid
        left.release()
    return pid == 0


@commands.command(executor="process")
def worker() -> int:
    return os.getpid()


def at_setup(app):
    def on_main_thread():
        if fork("main thread"):
            sys.exit(21)

    def on_event(_event):
        if fork("listener"):
            raise ValueError("in a listener")

    async def on_event_of_the_loop(_event):
        if fork("async listener"):
            sys.exit(23)

    def end():
        for _ in range(5):
            assert left.acquire(timeout=200)
        app.exit(3)

    if fork("setup"):
        return
    Listener.listen(app, "go", on_event)
    Listener.listen(app, "go", on_event_of_the_loop)
    app.run_on_main_thread(on_main_thread)
    threading.Thread(target=go, args=(app,)).start()
    threading.Thread(target=end).start()


def go(app):
    Emitter.emit_str(app, "go", "1")
    # A thread of the app's author: its fork ends as in any Python, when the thread does.
    fork("thread")


def main():
    with start_blocking_portal() as portal:
        app = builder_factory().build(
            context=context_factory(HERE),
            invoke_handler=commands.generate_handler(portal),
            setup=at_setup,
        )
        if fork("before"):
            sys.exit(24)
        code = app.run_return()
        if fork("after"):
            print("a fork leaves", flush=True)
            sys.exit(25)
    for place, pid in pids.items():
        print(f"{place}: {os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}", flush=True)
    return code


if __name__ == "__main__":
    parent = os.getpid()
    atexit.register(lambda: print("atexit", os.getpid() == parent, flush=True))
    sys.exit(main())
"""


def test_wherever_a_fork_is_made_it_ends_with_its_own_code(run_app: RunApp) -> None:
    app = run_app(PLACES)
    assert app.code == 3, app.output
    # What the forks write may be in the same line.
    places = r"(?:setup|(?:main )?thread|(?:async )?listener|before|after)"
    said = set(re.findall(rf"{places}: \d+", app.output))
    assert said == {
        "setup: 0",
        "main thread: 21",
        "listener: 1",
        "async listener: 23",
        "thread: 0",
        "before: 24",
        "after: 25",
    }, app.output
    assert app.output.count("atexit True") == 1


NATIVE = """
import ctypes, os, sys, threading
from pathlib import Path
from anyio.from_thread import start_blocking_portal
from transom import Commands, builder_factory, context_factory

libc = ctypes.CDLL(None)
# Whoever runs what native libraries have registered for the end of a process aborts.
libc.__cxa_atexit(libc.abort, None, None)


def codes(pids):
    for pid in pids:
        yield os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main():
    pids = []

    def at_setup(app):
        def on_thread():
            pids.append(os.fork())
            if pids[-1] == 0:
                libc.printf(b"said in C\\n")

        thread = threading.Thread(target=on_thread)
        thread.start()
        thread.join()
        app.exit(0)

    with start_blocking_portal() as portal:
        app = builder_factory().build(
            context=context_factory(Path(__file__).parent),
            invoke_handler=Commands().generate_handler(portal),
            setup=at_setup,
        )
        for code in (24, 25):
            pids.append(os.fork())
            if pids[-1] == 0:
                sys.exit(code)
            if code == 24:
                app.run_return()
    print(*codes(pids), flush=True)
    os._exit(3)


main()
"""


def test_a_fork_that_ends_elsewhere_runs_no_clean_up_of_native_libraries(run_app: RunApp) -> None:
    app = run_app(NATIVE)
    assert app.code == 3, app.output
    assert app.output.splitlines().count("24 0 25") == 1, app.output
    assert app.output.count("said in C") == 1, app.output
