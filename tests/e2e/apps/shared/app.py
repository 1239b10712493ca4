"""Test app: what commands do with windows and see of them. It runs in windows and in the kit.

This is one file because it is one app, whose commands share a few helpers.
"""

import re
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio

import transom
from transom import (
    AppHandle,
    Commands,
    CursorIcon,
    Manager,
    PageError,
    Position,
    Size,
    Theme,
    WebviewUrl,
    WindowClosed,
    WindowEvent,
)
from transom.image import Image
from transom.ipc import JavaScriptChannelId
from transom.webview import WebviewWindow, WebviewWindowBuilder
from transom.window import ProgressBarState, TitleBarStyle

commands = Commands()
URL = WebviewUrl.App("index.html")


def outcome(f: Callable[[], object]) -> str:
    """What a function gives or raises, without addresses of objects."""
    try:
        found = repr(f())
    except Exception as error:  # noqa: BLE001 - what it raises is the outcome
        found = f"{type(error).__name__}: {error}"
    return re.sub(r" at 0x[0-9a-f]+", "", found)


async def outcome_of(work: Awaitable[object]) -> str:
    try:
        return repr(await work)
    except Exception as error:  # noqa: BLE001 - what it raises is the outcome
        return f"{type(error).__name__}: {error}"


async def becomes(probe: Callable[[], bool]) -> bool:
    """The window system does what it was asked to some time later."""
    with anyio.move_on_after(120.0):
        while not probe():  # noqa: ASYNC110 - nothing tells when
            await anyio.sleep(0.01)
        return True
    return False


def end(window: WebviewWindow) -> None:
    window.destroy()
    window.blocking_closed(timeout=120)


@commands.command()
def wrong_values(app_handle: AppHandle, webview_window: WebviewWindow) -> list[str]:
    """How wrong arguments are refused."""
    # Without its type, which would refuse them first.
    window: Any = WebviewWindowBuilder.build(app_handle, "wrong", URL)
    builder: Any = WebviewWindowBuilder

    def build(label: Any, url: Any, **args: Any) -> object:
        return WebviewWindowBuilder.build(app_handle, label, url, **args)

    def of_config(config: Any, **args: Any) -> object:
        return WebviewWindowBuilder.from_config(app_handle, config, **args)

    async def items(event: object) -> Any:
        yield event

    works: list[Callable[[], object]] = [
        lambda: window.set_title(3),
        lambda: window.set_title("a\0b"),
        lambda: window.set_title(title="x"),
        lambda: window.set_resizable(1),
        lambda: window.set_size(3),
        lambda: window.set_size(Size.Logical((0, 5))),
        lambda: window.set_size(Size.Physical((20_000, 5))),
        lambda: window.set_position(Size.Physical((20, 5))),
        lambda: window.set_min_size((1, 2)),
        lambda: window.set_zoom(0),
        lambda: window.set_theme("dark"),
        lambda: window.set_background_color((1, 2, 3)),
        lambda: window.set_background_color((1, 2, 3, 300)),
        lambda: window.set_badge_count(-1),
        lambda: window.set_progress_bar(ProgressBarState(progress=400)),
        lambda: window.set_ignore_cursor_events(1),
        lambda: window.eval(b"x"),
        lambda: window.navigate("index.html"),
        lambda: window.monitor_from_point(float("nan"), 1),
        lambda: window.set_icon("no image"),
        lambda: window.set_effects({"effects": 3}),
        lambda: window.set_cookie({"key": "a"}),
        lambda: window.cookies_for_url("example.org"),
        lambda: window.on_window_event(3),
        lambda: window.on_window_event(items),
        lambda: window.on_webview_event(None),
        lambda: build("wrong", URL),
        lambda: build("main", URL),
        lambda: build("two words", URL),
        lambda: build("", URL),
        lambda: build(3, URL),
        lambda: build("other", "index.html"),
        lambda: build("other", WebviewUrl.External("index.html")),
        lambda: build("other", URL, titel="x"),
        lambda: build("other", URL, nothing_like_it="x"),
        lambda: build("other", URL, title=4),
        lambda: build("other", URL, inner_size=(0, 1)),
        lambda: build("other", URL, inner_size=(1,)),
        lambda: build("other", URL, parent=3),
        lambda: build("other", URL, owner=webview_window),
        lambda: build("other", URL, on_navigation=3),
        lambda: build("other", URL, allow_navigation=["[a"]),
        lambda: of_config({"label": "main"}),
        lambda: of_config({"label": "a b"}),
        lambda: of_config({"label": "other", "width": 0}),
        lambda: of_config({"label": "other", "titel": ""}),
        lambda: of_config({"label": "other"}, titel=""),
        lambda: of_config("{"),
        lambda: of_config(3),
        lambda: WebviewWindow(app_handle, "wrong", URL),
        lambda: builder.get_or_build(app_handle, "wrong", URL, titel=""),
        lambda: builder.build(3, "other", URL),
        lambda: Manager.get_webview_window(app_handle, "other"),
    ]
    outcomes = [outcome(work) for work in works]
    end(window)
    return outcomes


LOOKS = (
    *("label", "url", "title", "theme", "scale_factor", "inner_size", "is_fullscreen"),
    *("is_minimized", "is_maximized", "is_decorated", "is_resizable", "is_enabled"),
    *("is_maximizable", "is_minimizable", "is_closable", "is_visible", "is_devtools_open"),
)


def look(window: WebviewWindow) -> dict[str, str]:
    return {name: outcome(getattr(window, name)) for name in LOOKS}


@commands.command()
def arguments(app_handle: AppHandle, webview_window: WebviewWindow) -> list[object]:
    """What windows are like that were built with arguments, or by the configuration."""
    plain = WebviewWindowBuilder.build(app_handle, "plain", URL)
    full = WebviewWindow(
        app_handle,
        "full",
        WebviewUrl.App("other.html?x=1"),
        title="Full",
        inner_size=(400.5, 300.5),
        min_inner_size=(500, 100),
        position=(7, 8),
        visible=False,
        focused=False,
        decorations=False,
        closable=False,
        resizable=False,
        parent=webview_window,
    )
    entry = {"label": "entry", "title": "Entry", "url": "other.html", "x": 10, "y": 20}
    sizes = {"width": 300, "height": 200, "resizable": False, "focus": False}
    of_entry = WebviewWindowBuilder.from_config(app_handle, entry | sizes, title="Given")
    seen: list[object] = [look(webview_window)]
    for window in (plain, full, of_entry):
        found = Manager.get_webview_window(app_handle, window.label())
        seen += [look(window), repr(window), found == window, hash(found) == hash(window)]
        seen += [window == webview_window, window.label() in Manager.webview_windows(app_handle)]
    seen += [full.outer_position(), of_entry.inner_position()]
    for window in (plain, full, of_entry):
        end(window)
    return [*seen, sorted(Manager.webview_windows(app_handle))]


@commands.command()
async def setters(app_handle: AppHandle) -> list[object]:
    """What getters give after setters, and the last events of size and place."""
    window = WebviewWindowBuilder.build(app_handle, "set", URL, inner_size=(600, 500))
    sizes, places = list[Any](), list[Any]()

    def note(event: WindowEvent) -> None:
        match event:
            case WindowEvent.Resized(size):
                sizes.append(size)
            case WindowEvent.Moved(place):
                places.append(place)
            case _:
                pass

    window.on_window_event(note)
    seen = list[object]()
    for act, probe, expected in [
        (lambda: window.set_title("Set"), window.title, "Set"),
        (lambda: window.set_size(Size.Logical((500.4, 300.6))), window.inner_size, (500, 301)),
        (lambda: window.set_position(Position.Physical((30, 40))), window.outer_position, (30, 40)),
        (lambda: window.set_min_size(Size.Physical((550, 200))), window.inner_size, (550, 301)),
        (window.hide, window.is_visible, False),
        (window.show, window.is_visible, True),
        (lambda: window.set_fullscreen(True), window.is_fullscreen, True),
        (lambda: window.set_fullscreen(False), window.is_fullscreen, False),
        (lambda: window.set_resizable(False), window.is_resizable, False),
        (lambda: window.set_decorations(False), window.is_decorated, False),
        (lambda: window.set_enabled(False), window.is_enabled, False),
        (lambda: window.set_closable(False), window.is_closable, False),
        (lambda: window.set_theme(Theme.Dark), window.theme, Theme.Dark),
        (lambda: window.set_theme(None), window.theme, Theme.Light),
        (window.open_devtools, window.is_devtools_open, True),
        (window.close_devtools, window.is_devtools_open, False),
    ]:
        seen += [outcome(act), await becomes(lambda f=probe, it=expected: f() == it)]
    for act in (
        lambda: window.set_zoom(2),
        lambda: window.set_cursor_icon(CursorIcon.Hand),
        lambda: window.set_badge_count(None),
        lambda: window.set_progress_bar(ProgressBarState(progress=4)),
        lambda: window.set_title_bar_style(TitleBarStyle.Visible),
        lambda: window.set_background_color((1, 2, 3, 4)),
        lambda: window.request_user_attention(None),
        lambda: window.eval("1"),
        lambda: [type(it).__name__ for it in window.available_monitors()],
        lambda: type(window.current_monitor()).__name__,
        lambda: window.as_ref_webview().window().label(),
    ):
        seen.append(outcome(act))
    seen.append(await becomes(lambda: sizes[-1:] == [(550, 301)] and places[-1:] == [(30, 40)]))
    window.destroy()
    await window.closed(timeout=120)
    return seen


@commands.command()
def labels(app_handle: AppHandle) -> list[object]:
    """What is seen of a window from its `close` or `destroy` on, and of the next one."""
    return [end_and_build(app_handle, way) for way in ("close", "destroy")]


def end_and_build(app_handle: AppHandle, way: str) -> list[object]:
    window: Any = WebviewWindowBuilder.build(app_handle, "half", URL)
    getattr(window, way)()
    seen: list[object] = [
        Manager.get_webview_window(app_handle, "half") is None,
        "half" in Manager.webview_windows(app_handle),
        outcome(window.set_focus),
        outcome(window.title),
        outcome(window.label),
        outcome(lambda: window.on_window_event(print)),
        outcome(getattr(window, way)),
        outcome(lambda: window.set_title(3)),
    ]
    again = WebviewWindowBuilder.get_or_build(app_handle, "half", URL, title="first")
    seen += [
        outcome(window.title),
        outcome(lambda: window.blocking_closed(timeout=120)),
        outcome(lambda: again.blocking_closed(timeout=0.01)),
        again == WebviewWindowBuilder.get_or_build(app_handle, "half", URL, title="second"),
        again.title(),
    ]
    end(again)
    return seen


@commands.command()
async def closing(app_handle: AppHandle) -> list[object]:
    """How handlers of close requests decide, and which events they get."""
    window = WebviewWindowBuilder.build(app_handle, "asked", URL)
    events, threads, keeps = list[str](), set[int](), [True, True]
    loop = threading.get_ident()

    def plain(event: WindowEvent) -> None:
        threads.add(threading.get_ident())
        if isinstance(event, WindowEvent.CloseRequested | WindowEvent.Destroyed):
            events.append(type(event).__name__)

    async def asking(event: WindowEvent) -> None:
        if isinstance(event, WindowEvent.CloseRequested):
            assert threading.get_ident() == loop
            await anyio.sleep(0.01)
            if keeps.pop():
                event.api.prevent_close()

    async def failing(event: WindowEvent) -> None:
        if isinstance(event, WindowEvent.CloseRequested):
            raise ValueError("it does not prevent anything")

    keeps.insert(0, False)
    for handler in (plain, asking, failing):
        window.on_window_event(handler)
    seen = list[object]()
    for turn in (1, 2):
        window.close()
        seen += [await becomes(lambda it=turn: len(keeps) == 3 - it and len(events) == it)]
        await anyio.sleep(0.05)
        seen += [window.title(), "asked" in Manager.webview_windows(app_handle)]
    window.close()
    seen.append(outcome(window.title))  # the handlers are being asked
    await window.closed(timeout=120)
    seen += [outcome(window.title), await becomes(lambda: len(events) == 4), events]
    other = WebviewWindowBuilder.build(app_handle, "asked", URL)
    other.on_window_event(plain)
    other.destroy()
    await other.closed(timeout=120)
    return [*seen, await becomes(lambda: len(events) == 5), events, len(threads), loop in threads]


ARGUMENTS: list[tuple[Any, ...]] = [
    *((), (True,), (1.0,), ("tauri://localhost/",), (print,), (None,), (1.0, 1.0)),
    *((CursorIcon.Default,), (Position.Physical((1, 1)),), (Size.Physical((100, 100)),)),
    *((ProgressBarState(),), (TitleBarStyle.Visible,), ({"key": "a", "value": "b"},)),
    (Image(bytes(4), 1, 1),),
    (int,),
]
"""For each method there is one that fits."""


@commands.command()
def gone(app_handle: AppHandle) -> dict[str, str]:
    """How each method of a window ends that is gone."""
    window = WebviewWindowBuilder.build(app_handle, "gone", URL)
    end(window)

    def ask(name: str) -> str:
        for arguments in ARGUMENTS:
            found = outcome(lambda it=arguments: getattr(window, name)(*it))
            if not found.startswith("TypeError"):
                return found
        return "nothing fits"

    # Some are to be awaited, and some need a menu, which the kit has not.
    left_out = ("call", "closed", "evaluate", "set_menu", "popup_menu", "popup_menu_at")
    names = [it for it in dir(WebviewWindow) if not it.startswith("_") and it not in left_out]
    return {name: ask(name) for name in names}


@commands.command()
async def talking(app_handle: AppHandle) -> list[object]:
    """How functions of a page answer, and what the errors are where there is no answer."""
    window = WebviewWindowBuilder.build(app_handle, "talks", URL)

    async def is_ready() -> bool:
        with anyio.move_on_after(120.0):
            while True:
                try:
                    return await window.call("ready")
                except (PageError, WindowClosed):
                    await anyio.sleep(0.01)
        return False

    seen: list[object] = [await is_ready(), await window.call("double", {"number": 21})]
    seen += [await outcome_of(window.call("missing")), await outcome_of(window.call("fail"))]
    seen += [await outcome_of(window.call("slow", timeout=0.05))]
    seen += [await outcome_of(window.call("double", float("nan")))]
    ask = anyio.to_thread.run_sync
    seen += [await ask(lambda: window.blocking_call("double", {"number": 4}))]
    seen += [await ask(lambda: outcome(lambda: window.blocking_call("fail")))]
    seen += [outcome(lambda: window.blocking_call("double", 4))]
    seen += [outcome(lambda: window.blocking_closed(timeout=1))]
    window.destroy()
    await window.closed(timeout=120)
    return [*seen, await outcome_of(window.call("double", 4, timeout=120))]


@commands.command()
def beyond(app_handle: AppHandle, webview_window: WebviewWindow) -> list[object]:
    """What a window reaches that may not reach every other one."""

    def build(label: str) -> object:
        return WebviewWindowBuilder.build(app_handle, label, URL)

    log = WebviewWindowBuilder.build(app_handle, "log-1", URL)
    seen: list[object] = [
        outcome(lambda: build("other")),
        outcome(lambda: build("main")),
        outcome(lambda: WebviewWindow(webview_window, "other", URL)),
        outcome(lambda: WebviewWindowBuilder.get_or_build(app_handle, "main", URL)),
        outcome(lambda: WebviewWindowBuilder.from_config(app_handle, {"label": "other"})),
        outcome(lambda: Manager.get_webview_window(app_handle, "main")),
        outcome(lambda: Manager.get_webview_window(log, "main")),
        outcome(lambda: Manager.app_handle(log).app),
        outcome(lambda: app_handle.app),
        sorted(Manager.webview_windows(app_handle)),
        sorted(Manager.webview_windows(log)),
        Manager.app_handle(log) is app_handle,
    ]
    end(log)
    return seen


@commands.command()
def send(body: JavaScriptChannelId[Any], webview_window: WebviewWindow) -> None:
    """Sends through a channel of the page, found by its window."""
    channel = body.channel_on(webview_window.as_ref_webview())
    channel.send("1")
    channel.send(b"two")


if __name__ == "__main__":
    backend = sys.argv[1] if len(sys.argv) > 1 else "asyncio"
    sys.exit(transom.run(commands, Path(__file__).parent, backend=backend))
