"""Test app: raises exceptions everywhere where code of an app is called."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import transom
from transom import AppHandle, Commands, Event, Listener, RunEvent, Size
from transom.webview import WebviewWindow

commands = Commands()


def cancelled() -> BaseException:
    return asyncio.CancelledError("by hand")


class ApiError(Exception):
    """As programs have it: what is not there is a `KeyError`, also what a traceback asks for."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.data = {"text": text}

    def __getattr__(self, name: str) -> str:
        return self.data[name]


MAKERS: dict[str, Callable[[], BaseException]] = {
    "Exception": lambda: LookupError("an exception"),
    "SystemExit": lambda: SystemExit("a system exit"),
    "KeyboardInterrupt": lambda: KeyboardInterrupt("an interrupt"),
    "CancelledError": cancelled,
    "GeneratorExit": lambda: GeneratorExit("a generator's exit"),
    "ApiError": lambda: ApiError("an odd exception"),
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
async def forget_to_await(app_handle: AppHandle, webview_window: WebviewWindow) -> None:
    """Has each kind of callback return a coroutine."""

    async def forgotten(*_: object) -> None: ...

    def returns_one(*_: object) -> object:
        return forgotten()

    async def returns_one_later(*_: object) -> object:
        return forgotten()

    Listener.listen(app_handle, "forgotten", lambda _: forgotten())
    Listener.listen(app_handle, "forgotten", returns_one_later)
    webview_window.on_window_event(returns_one)
    webview_window.set_size(Size.Logical((640.0, 480.0)))
    app_handle.run_on_main_thread(returns_one)


@commands.command()
async def listen_with_a_generator(app_handle: AppHandle) -> str:
    async def generates(_: Event) -> AsyncIterator[int]:
        yield 1

    try:
        Listener.listen(app_handle, "forgotten", generates)
    except ValueError as error:
        return str(error)
    return "none"


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
