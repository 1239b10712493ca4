"""Test app: reports what registering commands does, as JSON lines; written for PyTauri's API."""

import json
from typing import Annotated, Any

from pytauri import AppHandle, Commands, State
from pytauri.ipc import Headers
from pytauri.webview import WebviewWindow


class Store:
    """Something to be managed."""


class Own:
    """A class that pydantic knows nothing of."""


async def good(body: "bytes", app_handle: "AppHandle") -> "bytes":
    return body


async def handle_and_body(app_handle: AppHandle, body: int) -> None: ...


async def every_kind(
    headers: Headers,
    s: Annotated[Store, State()],
    webview_window: WebviewWindow,
    app_handle: AppHandle,
    body: int = 3,
) -> None: ...


async def no_annotation(body) -> None: ...
async def by_position(body: int, /) -> None: ...
async def wrong_handle(app_handle: int) -> None: ...
async def wrong_window(webview_window: int) -> None: ...
async def wrong_headers(headers: dict[str, str]) -> None: ...
async def other_name(x: int) -> None: ...
async def arguments(*args: Any) -> None: ...
async def keywords(**kw: Any) -> None: ...
async def state_class(s: Annotated[Store, State]) -> None: ...
async def state_of_union(s: Annotated[int | str, State()]) -> None: ...
async def own_body(body: Own) -> None: ...
async def no_return(): ...


def outcome(func: Any) -> str:
    try:
        Commands().command()(func)
    except ValueError as error:
        return f"ValueError: {error}"
    return "ok"


FUNCTIONS = [
    good,
    every_kind,
    no_annotation,
    by_position,
    wrong_handle,
    wrong_window,
    wrong_headers,
    other_name,
    arguments,
    keywords,
    state_class,
    state_of_union,
    own_body,
    no_return,
]


def mapping() -> dict[str, Any]:
    commands = Commands()
    same = commands.command()(good) is good
    commands.command("other")(good)
    try:
        commands.command("other")(good)
        text = ""
    except ValueError as error:
        text = str(error)
    commands.set_command("other", handle_and_body)
    entry = commands["good"]
    commands["third"] = entry
    del commands["good"]
    return {
        "returned unchanged": same,
        "duplicate": text,
        "names": sorted(commands),
        "contains": ["good" in commands, "third" in commands],
        "parameters": sorted(commands["other"][0]),
        "same entry": commands["third"] == entry,
    }


if __name__ == "__main__":
    print(json.dumps({func.__name__: outcome(func) for func in FUNCTIONS} | mapping()))
