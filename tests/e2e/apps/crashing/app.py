"""Test app: kills its page's process twice during calls, and reports what is left."""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import anyio

import transom
from transom import Commands, Manager
from transom._app.runtime import current

commands = Commands()
running = list[str]()


@commands.command()
async def hold() -> None:
    running.append("hold")
    if not watcher.is_alive():
        watcher.start()
    try:
        await anyio.sleep_forever()
    finally:
        running.remove("hold")


@commands.command()
async def ticks() -> AsyncIterator[int]:
    running.append("ticks")
    try:
        while True:
            yield len(running)
            await anyio.sleep(0.01)
    finally:
        running.remove("ticks")


def wait(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


def is_served() -> bool:
    return sorted(running) == ["hold", "ticks"]


def is_over() -> bool:
    """Neither the code nor the actors hold anything of the page."""
    gauges = json.loads(current().host.gauges())
    return not running and gauges["windows"]["main"] == {"live": 0, "orphans": 0, "jobs": 0}


def kill_renderer() -> None:
    """Kills the processes below this one that render pages."""
    parents, renderers = dict[int, int](), list[int]()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                name, _, rest = (entry / "stat").read_text().partition("(")[2].rpartition(")")
            except OSError:  # it has ended
                continue
            parents[int(entry.name)] = int(rest.split()[1])
            if name == "WebKitWebProces":  # as long as the kernel keeps a name
                renderers.append(int(entry.name))
    for renderer in renderers:
        above = renderer
        while above > 1 and above != os.getpid():
            above = parents.get(above, 0)
        if above == os.getpid():
            os.kill(renderer, signal.SIGKILL)


def watch() -> None:
    app_handle = current().app_handle
    window = app_handle and Manager.get_webview_window(app_handle, "main")
    if app_handle is None or window is None:
        return
    wait(is_served, 60)
    kill_renderer()
    print("calls end after the crash:", wait(is_over, 20), flush=True)
    window.reload()
    print("the reloaded page calls:", wait(is_served, 60), flush=True)
    kill_renderer()
    print("calls of the reloaded page end:", wait(is_over, 20), flush=True)
    app_handle.exit(0)


watcher = threading.Thread(target=watch, daemon=True)

if __name__ == "__main__":
    sys.exit(transom.run(commands, Path(__file__).parent))
