"""Tests a webview that closes while its window stays with another one: `test-host`."""

from __future__ import annotations

from collections.abc import Callable

from harness import App, Json, Page

from transom.testing.webdriver import wait_for

COMMANDS = """
import asyncio, dataclasses, time
from collections.abc import AsyncIterator
import transom
from transom import CallContext, Commands
commands = Commands()


@commands.command()
async def held() -> dict:
    return dataclasses.asdict(transom.metrics())


@commands.command()
async def hold(body: str) -> None:
    try:
        await asyncio.sleep(1000)
    finally:
        print(f"the call of {body} has cleaned up")


@commands.command()
def hold_thread(ctx: CallContext) -> None:
    while True:
        ctx.check()
        time.sleep(0.01)


@commands.command()
async def ticks(body: str) -> AsyncIterator[int]:
    try:
        for tick in range(1_000_000):
            yield tick
            await asyncio.sleep(0.01)
    finally:
        print(f"the stream of {body} is closed")


@commands.command(concurrency=1)
async def only() -> None:
    await asyncio.sleep(1000)
"""
# Two calls and a stream for each of the two pages.
START = """
const [label] = args;
window.ended = [];
for (const command of ["hold", "hold_thread"])
  transom.pyInvoke(command, label).catch((error) => ended.push(error.code));
(async () => {
  for await (const tick of transom.pyStream("ticks", label)) window.tick = tick;
})().catch((error) => ended.push(error.code));
"""


def tell(page: Page, command: str) -> None:
    """Calls a command in Rust."""
    page.run("await window.__TAURI__.core.invoke(args[0])", command)


def live(held: Json, label: str) -> int:
    return held["windows"].get(label, {"live": 0, "orphans": 0})["live"]


def permits(held: Json) -> dict[str, int]:
    return {name: it["granted"] for name, it in held["commands"].items() if it["granted"]}


def test_a_closed_child_webview_ends_its_calls_and_its_window_goes_on(
    start_host: Callable[[str], App],
) -> None:
    app = start_host(COMMANDS)
    main = app.page()
    tell(main, "open_child")
    child = app.page("child")
    for page in (main, child):
        page.run(START, page.label)
        page.wait_until("window.tick > 0")
    child.run("transom.pyInvoke('only').catch(() => {})")
    wait_for(lambda: permits(main.invoke("held")).get("only") == 1, what="the only permit")
    main.run("transom.pyInvoke('only').catch((error) => ended.push(error.code))")
    held = main.invoke("held")
    assert (live(held, "main"), live(held, "child")) == (5, 4)  # `held` itself is the fifth
    assert held["commands"]["only"]["waiting"] == 1

    tell(main, "close_child")

    def only_of_main() -> bool:
        held = main.invoke("held")
        mine = {"held": 1, "hold": 1, "hold_thread": 1, "ticks": 1, "only": 1}
        return (
            "child" not in held["windows"]
            and permits(held) == mine
            and held["commands"]["only"]["waiting"] == 0
            and held["streams"]["open"] == 1
        )

    wait_for(only_of_main, what="nothing of the child")
    output = app.wait_output("the stream of child is closed")
    assert "the call of child has cleaned up" in output
    assert "of main" not in output
    before = main.run("return window.tick")
    main.wait_until(f"window.tick > {before}")
    assert main.run("return window.ended") == []

    tell(main, "open_child")
    again = app.page("child")
    again.run(START, "child again")
    again.wait_until("window.tick > 0")
    assert live(again.invoke("held"), "child") == 4
