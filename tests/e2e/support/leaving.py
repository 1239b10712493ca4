"""Provides the app by which tests see what an app leaves behind at its end."""

from __future__ import annotations

from harness import Finished

APP = """
import asyncio, atexit, concurrent.futures, multiprocessing, os, sys, threading, time
from pathlib import Path
import anyio
from anyio.from_thread import start_blocking_portal
from transom import AppHandle, Commands, Listener, Manager, builder_factory, context_factory

HERE = Path(__file__).parent
BEGUN = HERE / "begun"
commands = Commands()


def begin(app_handle, code) -> None:
    BEGUN.write_text(str(time.time()))
    app_handle.exit(code)


def later(app_handle, code, seconds=0.3) -> None:
    timer = threading.Timer(seconds, begin, (app_handle, code))
    timer.daemon = True
    timer.start()


def set_up(app_handle) -> None:
    pass


def main(run) -> None:
    sys.exit(run())

atexit.register(print, "at exit")
# CHANGES

if __name__ == "__main__":
    with start_blocking_portal("{backend}") as portal:
        app = builder_factory().build(
            context=context_factory(HERE),
            invoke_handler=commands.generate_handler(portal),
            setup=set_up,
        )

        def run() -> int:
            code = app.run_return()
            print("returned", code)
            return code

        main(run)
"""

HTML = """<!doctype html><meta charset=utf-8><title>left</title><script>
window.__TAURI__.transom.pyInvoke('leave').catch(() => {})
</script>"""


def source(changes: str, backend: str = "asyncio") -> str:
    return APP.replace("# CHANGES", changes).replace("{backend}", backend)


def check(done: Finished, code: int = 3) -> None:
    assert done.code == code, done.output
    # On a busy machine it is more than the ceiling; what is left behind takes 1000 s.
    assert done.after("begun") < 200, done.output
    assert "at exit" in done.output, done.output
    for word in ("Fatal", "FATAL", "panicked", "destroyed but it is pending"):
        assert word not in done.output, done.output
