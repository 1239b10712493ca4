"""Tests commands on a Ray of this machine in a real window, and what a killed app leaves."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import App, Page, PageError, Starter
from jobs import SLOW, alive, processes

from transom.testing.webdriver import wait_for

APP = """
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from transom import AppHandle, CallContext, Commands, RayExecutor, run

commands = Commands()
HERE = Path(__file__).parent


@commands.command()
async def gateway(app_handle: AppHandle) -> list[int | None]:
    return [it.pid for it in app_handle.workers()]


@commands.command(executor="cluster")
def count(body: int, ctx: CallContext) -> int:
    for _ in ctx.track(range(body)):
        time.sleep(0.01)
    return body


@commands.command(executor="cluster")
def flip(body: bytes) -> bytes:
    return body[::-1]


@commands.command(executor="cluster")
def hold(ctx: CallContext) -> None:
    file = HERE / "held"
    file.write_text(f"{os.getpid()}")
    try:
        while True:
            time.sleep(0.01)
    finally:
        with ctx.shield():
            while not (HERE / "let go").exists():
                time.sleep(0.01)
            file.unlink()


@commands.command(executor="cluster")
def numbers() -> Iterator[int]:
    for number in range(100_000):
        (HERE / "made").write_text(f"{number + 1}")
        yield number


@commands.command(executor="cluster")
def wrong() -> None:
    raise KeyError("wrong")


if __name__ == "__main__":
    executor = RayExecutor(grace=60.0, start_timeout=300.0)
    sys.exit(run(commands, HERE, executors={"cluster": executor}))
"""

HOLD = """
window.controller = new AbortController();
window.call = transom.pyInvoke("hold", undefined, {signal: controller.signal});
window.outcome = call.catch((error) => error.name);
"""
ABORT = """
controller.abort();
return await outcome;
"""
TAKE = """
const taken = [];
for await (const item of transom.pyStream("numbers", undefined, {buffer: 4})) {
  if (taken.push(item) === 20) break;
}
return taken;
"""
COUNT = """
window.told = [];
const call = transom.pyInvoke("count", 20, {onProgress: ({done}) => told.push(done)});
call.then((it) => { window.counted = it; }, (error) => { window.counted = `${error}`; });
"""


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    if sys.platform != "linux" or not os.environ.get("DISPLAY"):
        pytest.skip("no display")
    starter = Starter(tmp_path)
    yield starter.start(APP)
    starter.close()


def test_a_window_calls_a_cluster(app: App) -> None:
    page = app.page()
    # Longer than WebDriver waits for a script: Ray starts.
    page.run(COUNT)
    assert page.wait_until("window.counted", timeout=SLOW) == 20
    assert page.run("return told.at(-1)") == 20
    assert page.run(
        'return [...new Uint8Array(await transom.rawPyInvoke("flip", new Uint8Array([1, 2, 3])))]'
    ) == [3, 2, 1]
    with pytest.raises(PageError) as caught:
        page.invoke("wrong")
    assert caught.value.code == "command-error"

    assert page.run(TAKE) == list(range(20))
    # The credit, and the item that found none.
    assert int((app.folder / "made").read_text()) <= 20 + 4 + 1

    stops_when_its_page_aborts(app, page)
    leaves_nothing_when_it_is_killed(app, page)


def stops_when_its_page_aborts(app: App, page: Page) -> None:
    held = app.folder / "held"
    page.run(HOLD)
    wait_for(lambda: held.exists() and held.read_text(), timeout=SLOW, what="the call")
    assert page.run(ABORT) == "AbortError"
    # The page waits for no code.
    assert held.exists()
    (app.folder / "let go").touch()
    wait_for(lambda: not held.exists(), timeout=SLOW, what="the end of the code")


def leaves_nothing_when_it_is_killed(app: App, page: Page) -> None:
    [gateway] = page.invoke("gateway")
    page.run(HOLD)
    held = app.folder / "held"
    wait_for(lambda: held.exists() and held.read_text(), timeout=SLOW, what="the call")
    session = processes(gateway)
    assert any("raylet" in line for line in session.values())
    host = int(Path(f"/proc/{gateway}/stat").read_text().rpartition(") ")[2].split()[1])
    os.kill(host, signal.SIGKILL)
    wait_for(lambda: not processes(gateway), timeout=SLOW, what="the end of Ray")
    assert not [pid for pid in session if alive(pid)]
    folders = {part for line in session.values() for part in line.split() if "session_" in part}
    paths = {it.partition("=")[2].partition("/session_")[0] for it in folders}
    assert not [it for it in paths if it and Path(it).exists()]
