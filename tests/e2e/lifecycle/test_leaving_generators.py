"""Tests that what the end of an event loop waits for by itself, or left to it, keeps no process."""

from __future__ import annotations

import pytest
from harness import RunApp
from leaving import HTML, check, source
from patience import tried_again

UVLOOP = '("asyncio", {"use_uvloop": True})'

BEGIN = """
@commands.command()
async def leave(app_handle: AppHandle) -> None:
    global kept
    kept = lingers()
    await anext(kept)
    later(app_handle, 3)
"""

BEGIN_AND_FREE = (
    BEGIN.replace("    later", "    threading.Thread(target=let_go).start()\n    later")
    + """
def let_go() -> None:
    global kept
    del kept
"""
)
SWALLOWS = """
async def lingers():
    try:
        yield 1
    finally:
        while True:
            try:
                await asyncio.sleep(1000)
            except asyncio.CancelledError:
                pass
"""
SHIELDED = """
import trio


async def lingers():
    try:
        yield 1
    finally:
        with trio.CancelScope(shield=True):
            await trio.sleep(1000)
"""

ASYNCIO = {
    "a generator that sleeps at its end": """
async def lingers():
    try:
        yield 1
    finally:
        await asyncio.sleep(1000)
"""
    + BEGIN,
    "a generator that swallows its cancel": SWALLOWS + BEGIN,
    "a freed generator that swallows its cancel": SWALLOWS + BEGIN_AND_FREE,
    "a generator that begins another at its end": """
async def other():
    try:
        yield 1
    finally:
        await asyncio.sleep(1000)


async def lingers():
    global kept
    try:
        yield 1
    finally:
        kept = other()
        await anext(kept)
"""
    + BEGIN,
}
# What these leave goes on after its cancel, and its name is in the log.
TASKS = {
    "a generator that starts a task at its end": """
async def lingers():
    while True:
        try:
            await asyncio.sleep(1000)
        except asyncio.CancelledError:
            pass


async def begins():
    global task
    try:
        yield 1
    finally:
        task = asyncio.create_task(lingers())


@commands.command()
async def leave(app_handle: AppHandle) -> None:
    global kept
    kept = begins()
    await anext(kept)
    later(app_handle, 3)
""",
    "a task that starts others as long as it can": """
tasks = []


async def lingers():
    while True:
        tasks.append(asyncio.create_task(asyncio.sleep(1000)))
        try:
            await asyncio.sleep(0.01)
        except asyncio.CancelledError:
            pass


@commands.command()
async def leave(app_handle: AppHandle) -> None:
    global task
    task = asyncio.create_task(lingers())
    later(app_handle, 3)
""",
}
TRIO = {
    "a generator with a shield": SHIELDED + BEGIN,
    "a freed generator with a shield": SHIELDED + BEGIN_AND_FREE,
    "a system task with a shield": """
import trio


async def lingers() -> None:
    with trio.CancelScope(shield=True):
        await trio.sleep(1000)


@commands.command()
async def leave(app_handle: AppHandle) -> None:
    trio.lowlevel.spawn_system_task(lingers)
    later(app_handle, 3)
""",
}


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
@pytest.mark.parametrize("left", ASYNCIO)
@tried_again
def test_on_asyncio(run_app: RunApp, left: str, loop: str) -> None:
    text = source(ASYNCIO[left])
    done = run_app(text.replace('("asyncio")', UVLOOP) if loop == "uvloop" else text, html=HTML)
    check(done)
    assert "returned 3" in done.output
    if "freed" not in left:
        name = "other" if "another" in left else "lingers"
        assert f"without the async generator `{name}`" in done.output, done.output
    assert "already running" not in done.output, done.output


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
@pytest.mark.parametrize("left", TASKS)
@tried_again
def test_tasks_that_begin_at_the_end(run_app: RunApp, left: str, loop: str) -> None:
    text = source(TASKS[left])
    done = run_app(text.replace('("asyncio")', UVLOOP) if loop == "uvloop" else text, html=HTML)
    check(done)
    assert "without the task `lingers`" in done.output, done.output


@pytest.mark.parametrize("left", TRIO)
@tried_again
def test_on_trio(run_app: RunApp, left: str) -> None:
    done = run_app(source(TRIO[left], "trio"), html=HTML)
    check(done)
    assert "lingers" in done.output, done.output


CLEAN = """
async def tidy():
    try:
        yield 1
    finally:
        await anyio.lowlevel.checkpoint()
        print("tidied up")


async def generate():
    import anyio.lowlevel
    global kept
    kept = tidy()
    await anext(kept)


@commands.command()
async def leave(app_handle: AppHandle) -> None:
    await generate()
    later(app_handle, 3)


def main(run) -> None:
    portal.call(generate)
    others, code = kept, run()
    portal.call(anext, others)
    sys.exit(code)
"""


@tried_again
def test_generators_of_the_author_outlive_the_app(run_app: RunApp) -> None:
    text = source(CLEAN).replace("portal.call(anext, others)", "print(portal.call(go_on, others))")
    done = run_app(text.replace("def main", GO_ON + "\n\ndef main"), html=HTML)
    check(done)
    assert "tidied up\nreturned 3\nwent on" in done.output, done.output


GO_ON = """
async def go_on(others) -> str:
    return "went on" if others.ag_frame else "closed"

"""


TOOLS = """
from transom.async_tools import AsyncTools


async def lingers() -> None:
    until = time.monotonic() + 1000
    with anyio.CancelScope(shield=True):
        while time.monotonic() < until:
            try:
                await anyio.sleep(1000)
            except asyncio.CancelledError:
                pass


@commands.command()
async def leave(app_handle: AppHandle) -> None:
    tools.task_group.start_soon(lingers)
    later(app_handle, 3)


def main(run) -> None:
    global tools
    with AsyncTools(portal) as tools:
        code = run()
    sys.exit(code)
"""


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@tried_again
def test_a_task_of_async_tools_does_not_keep_the_process(run_app: RunApp, backend: str) -> None:
    done = run_app(source(TOOLS, backend), html=HTML)
    check(done)
    assert "returned 3" in done.output
    assert "lingers" in done.output
