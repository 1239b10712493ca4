"""Code that raises everywhere that code of the app is called."""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import transom
from transom import AppHandle, Commands, Event, Listener, RunEvent
from transom.webview import WebviewWindow

commands = Commands()


def cancelled() -> BaseException:
    return asyncio.CancelledError("by hand")


MAKERS: dict[str, Callable[[], BaseException]] = {
    "Exception": lambda: LookupError("an exception"),
    "SystemExit": lambda: SystemExit("a system exit"),
    "KeyboardInterrupt": lambda: KeyboardInterrupt("an interrupt"),
    "CancelledError": cancelled,
    "GeneratorExit": lambda: GeneratorExit("a generator's exit"),
}


@commands.command()
async def raise_async(body: str) -> None:
    raise MAKERS[body]()


@commands.command()
def raise_thread(body: str) -> None:
    raise MAKERS[body]()


@commands.command()
async def raise_later(body: str) -> None:
    await asyncio.sleep(0.01)
    raise MAKERS[body]()


@commands.command()
async def cancel_myself() -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    await asyncio.sleep(1)


@commands.command()
async def listen(body: dict[str, str], app_handle: AppHandle) -> None:
    """Adds a listener for the event `boom-<name>` that raises what the name says."""
    name = body["name"]

    def fail(_: Event) -> None:
        raise MAKERS[name]()

    async def fail_later(_: Event) -> None:
        raise MAKERS[name]()

    handler: Any = fail if body["kind"] == "plain" else fail_later
    Listener.listen(app_handle, f"boom-{name}", handler)


@commands.command()
async def on_main(body: str, app_handle: AppHandle) -> None:
    def fail() -> None:
        raise MAKERS[body]()

    app_handle.run_on_main_thread(fail)


@commands.command()
async def refused_on_main(app_handle: AppHandle, webview_window: WebviewWindow) -> list[str]:
    async def nobody_awaits() -> None: ...

    def takes_one(_: object) -> None: ...

    answers = list[str]()
    for run in (app_handle.run_on_main_thread, webview_window.run_on_main_thread):
        for func in (nobody_awaits, takes_one, 5):
            try:
                run(func)  # type: ignore[arg-type]
            except (TypeError, ValueError) as error:
                answers.append(f"{type(error).__name__}: {error}")
    return answers


@commands.command()
async def raise_at_resize(body: str, webview_window: WebviewWindow) -> None:
    def fail(_: object) -> None:
        raise MAKERS[body]()

    webview_window.on_window_event(fail)


@commands.command()
async def raise_in_callback(body: dict[str, str]) -> None:
    """Has the event loop call what raises as `name` says, in the way that `way` says."""

    def fail(*_: object) -> None:
        raise MAKERS[body["name"]]()

    loop = asyncio.get_running_loop()
    match body["way"]:
        case "call_later":
            loop.call_later(0.05, fail)
        case "call_soon_threadsafe":
            await asyncio.to_thread(loop.call_soon_threadsafe, fail)
        case "add_done_callback":
            asyncio.create_task(asyncio.sleep(0)).add_done_callback(fail)
        case _:
            loop.call_soon(fail)


@commands.command()
async def tick(body: int) -> int:
    return body


@commands.command()
def tick_thread(body: int) -> int:
    return body


@commands.command()
async def quit(body: int, app_handle: AppHandle) -> None:  # noqa: A001 - what the page calls
    app_handle.exit(body)


def at_event(app_handle: AppHandle, event: object) -> None:
    if isinstance(event, RunEvent.Ready | RunEvent.ExitRequested):
        name = os.environ.get("RAISE_IN_RUN")
        if name:
            raise MAKERS[name]()


if __name__ == "__main__":
    sys.exit(transom.run(commands, Path(__file__).parent, callback=at_event))
