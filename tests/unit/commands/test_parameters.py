"""Tests the parameters that a command may ask for, and the error text for every other one."""

import re
from collections.abc import Callable
from typing import Annotated, Any

import pytest

from transom import AppHandle, CallContext, Commands, State
from transom.ipc import Headers
from transom.webview import WebviewWindow

parse = Commands.parse_parameters


class Store:
    """Something to be managed."""


def test_every_kind_in_any_order() -> None:
    async def command(
        headers: Headers,
        store: Annotated[Store, State()],
        app_handle: AppHandle,
        ctx: CallContext,
        *,
        webview_window: WebviewWindow,
        body: int,
    ) -> None: ...

    found = {name: p.kind.name for name, p in parse(command).items()}
    assert found == {
        "headers": "HEADERS",
        "store": "STATE",
        "app_handle": "APP_HANDLE",
        "ctx": "CONTEXT",
        "webview_window": "WEBVIEW_WINDOW",
        "body": "BODY",
    }


def test_annotations_may_be_texts() -> None:
    async def command(
        body: "bytes", app_handle: "AppHandle", s: "Annotated[Store, State()]"
    ) -> "None": ...

    assert [p.annotation for p in parse(command).values()] == [bytes, AppHandle, Store]


def test_headers_are_known_however_they_are_written() -> None:
    async def command(headers: list[tuple[bytes, bytes]]) -> None: ...

    assert parse(command)["headers"].kind.name == "HEADERS"


def test_a_default_on_body_is_accepted() -> None:
    async def command(body: int = 3) -> None: ...

    assert parse(command)["body"].annotation is int


def without_annotation(body): ...  # type: ignore[no-untyped-def]
def by_position(body: int, /) -> None: ...
def context_by_position(ctx: CallContext, /) -> None: ...
def many_bodies(*body: int) -> None: ...
def wrong_handle(app_handle: int) -> None: ...
def wrong_window(webview_window: AppHandle) -> None: ...
def wrong_headers(headers: dict[str, str]) -> None: ...
def no_annotation_on_headers(headers): ...  # type: ignore[no-untyped-def]
def other_name(x: int) -> None: ...
def arguments(*args: Any) -> None: ...
def keywords(**kw: Any) -> None: ...
def state_class(s: Annotated[Store, State]) -> None: ...
def no_state(s: Annotated[Store, "mark"]) -> None: ...
def state_of_a_union(s: Annotated[int | str, State()]) -> None: ...
def state_of_a_generic(s: Annotated[list[int], State()]) -> None: ...
def state_by_position(s: Annotated[Store, State()], /) -> None: ...


KNOWN = "expected one of ('body', 'app_handle', 'webview_window', 'headers')"
WRONG: list[tuple[Callable[..., Any], str]] = [
    (without_annotation, "Expected `body` to have type annotation, but got empty"),
    (
        by_position,
        "Expected `body` to be KEYWORD parameter, but got `POSITIONAL_ONLY` parameter",
    ),
    (
        context_by_position,
        "Expected `ctx` to be KEYWORD parameter, but got `POSITIONAL_ONLY` parameter",
    ),
    (many_bodies, "Expected `body` to be KEYWORD parameter, but got `VAR_POSITIONAL` parameter"),
    (wrong_handle, f"Expected `app_handle` to be `{AppHandle}`, but got `<class 'int'>`"),
    (wrong_window, f"Expected `webview_window` to be `{WebviewWindow}`, but got `{AppHandle}`"),
    (wrong_headers, f"Expected `headers` to be `{Headers}`, but got `dict[str, str]`"),
    (no_annotation_on_headers, f"Expected `headers` to be `{Headers}`, but got `"),
    (other_name, f"Unexpected parameter `x`, {KNOWN} or `<class 'typing.Annotated'>`"),
    (arguments, f"Unexpected parameter `args`, {KNOWN}"),
    (keywords, f"Unexpected parameter `kw`, {KNOWN}"),
    (state_class, "Expected `s` to be `typing.Annotated[type[Any], State()]`, but got `"),
    (no_state, "Expected `s` to be `typing.Annotated[type[Any], State()]`, but got `"),
    (state_of_a_union, "Expected `s` to be `typing.Annotated[type[Any], State()]`, but got `"),
    (state_of_a_generic, "Expected `s` to be `typing.Annotated[type[Any], State()]`, but got `"),
    (state_by_position, f"Unexpected parameter `s`, {KNOWN}"),
]


@pytest.mark.parametrize(("func", "text"), WRONG, ids=[func.__name__ for func, _ in WRONG])
def test_what_is_no_parameter_says_so(func: Callable[..., Any], text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(text)}"):
        parse(func)


def test_texts_inside_of_annotations_are_evaluated_too() -> None:
    class Local:
        """Which only the closure knows."""

    async def command(body: list["Store"] | None, s: Annotated["Local", State()]) -> "Local":
        return Local()

    found = parse(command)
    assert found["body"].annotation == list[Store] | None
    assert found["s"].annotation is Local


def test_a_name_that_cannot_be_found_says_where_it_belongs() -> None:
    async def command(body: "Missing") -> None: ...  # type: ignore[name-defined]  # noqa: F821

    with pytest.raises(ValueError, match=r"cannot be evaluated.*Missing.*in the module"):
        parse(command)
