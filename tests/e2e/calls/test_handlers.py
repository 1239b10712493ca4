"""Tests invoke handlers of the app's own, and portals that misbehave."""

from __future__ import annotations

from harness import RunApp, StartApp

OWN = """
import sys
from pathlib import Path
import anyio
from anyio.from_thread import start_blocking_portal
from transom import Commands, builder_factory, context_factory
from transom.ipc import Invoke

commands = Commands()
inside = 0
met = anyio.Event()


@commands.command()
async def meet(body: int) -> int:
    global inside
    inside += 1
    if inside == 3:
        met.set()
    await met.wait()
    return body


@commands.command()
def plain(body: int) -> int:
    return body + 1


if __name__ == "__main__":
    with start_blocking_portal() as portal:
        inner = commands.generate_handler(portal)
        seen = []

        def outer(invoke: Invoke) -> None:
            seen.append(invoke.command)
            inner(invoke)

        @commands.command("seen")
        async def tell() -> list[str]:
            return seen

        app = builder_factory().build(
            context=context_factory(Path(__file__).parent), invoke_handler=outer
        )
        sys.exit(app.run_return())
"""

NEVER_RUN = """
from pathlib import Path
from anyio.from_thread import start_blocking_portal
from transom import Commands, builder_factory, context_factory

with start_blocking_portal() as portal:
    app = builder_factory().build(
        context=context_factory(Path(__file__).parent),
        invoke_handler=Commands().generate_handler(portal),
    )
print("portal closed")
"""

DYING = """
import sys
from pathlib import Path
import transom
from transom import AppHandle, Commands, builder_factory, context_factory
from anyio import CancelScope
from anyio.from_thread import start_blocking_portal

commands = Commands()


@commands.command()
async def wait() -> None:
    import anyio
    await anyio.sleep_forever()


@commands.command()
def end_portal() -> None:
    portal.start_task_soon(portal.stop, True)


@commands.command()
def quit(app_handle: AppHandle) -> None:
    app_handle.exit(5)


if __name__ == "__main__":
    with start_blocking_portal() as portal:
        app = builder_factory().build(
            context=context_factory(Path(__file__).parent),
            invoke_handler=commands.generate_handler(portal),
        )
        code = app.run_return()
    sys.exit(code)
"""


def test_commands_behind_a_handler_of_ones_own_run_at_once(start_app: StartApp) -> None:
    page = start_app(OWN).page()
    met = page.run("return await Promise.all([1, 2, 3].map((n) => transom.pyInvoke('meet', n)))")
    assert met == [1, 2, 3]
    assert page.invoke("plain", 1) == 2
    assert page.invoke("seen") == ["meet"] * 3 + ["plain", "seen"]
    assert page.failure("nothing").message == "no python handler `nothing` found"


def test_an_app_that_never_runs_lets_its_portal_close(run_app: RunApp) -> None:
    done = run_app(NEVER_RUN)
    assert (done.code, done.output.strip()) == (0, "portal closed")


def test_calls_are_answered_when_the_portal_ends_before_the_app(start_app: StartApp) -> None:
    page = start_app(DYING).page()
    page.run("window.waiting = transom.pyInvoke('wait').catch((e) => e.code)")
    page.invoke("end_portal")
    assert page.run("return await window.waiting") in {"unavailable", "command-error"}
    assert page.failure("wait").code == "unavailable"
