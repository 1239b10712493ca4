"""Test app: scripts in pages, states of windows, and every method of windows with odd values."""

import sys
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

from odd_values import BUILDER, FRAME, PAGE, odd_values, sensible

import transom
from transom import AppHandle, Commands, Emitter, Listener, Manager, State, WebviewUrl
from transom.webview import Webview, WebviewWindow, WebviewWindowBuilder
from transom.window import Window

commands = Commands()
URL = WebviewUrl.App("index.html")
kept: dict[str, Any] = {}


class Notes:
    """A state object."""

    def __init__(self, text: str) -> None:
        self.text = text


def said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def found(app: AppHandle, label: str) -> WebviewWindow:
    window = Manager.get_webview_window(app, label)
    assert window is not None
    return window


@commands.command()
async def open_url(body: tuple[str, str], app_handle: AppHandle) -> Any:
    """Opens a page of elsewhere, and at once asks it for its title."""
    window = WebviewWindowBuilder.build(app_handle, body[0], WebviewUrl.External(body[1]))
    return await window.evaluate("document.title", timeout=120)


@commands.command()
async def open_own(body: str, app_handle: AppHandle) -> None:
    WebviewWindowBuilder.build(app_handle, body, URL)


@commands.command()
async def destroy(body: str, app_handle: AppHandle) -> None:
    window = found(app_handle, body)
    window.destroy()
    await window.closed(timeout=120)


@commands.command()
async def evaluate(body: tuple[str, str, float], app_handle: AppHandle) -> Any:
    label, script, timeout = body
    try:
        return await found(app_handle, label).evaluate(script, timeout=timeout)
    except Exception as error:  # noqa: BLE001 - shown to the test
        return said(error)


@commands.command()
def evaluate_in_thread(body: str, webview_window: WebviewWindow) -> Any:
    try:
        return webview_window.as_ref_webview().blocking_evaluate(body)
    except Exception as error:  # noqa: BLE001 - shown to the test
        return said(error)


@commands.command()
async def refused(webview_window: WebviewWindow) -> list[str]:
    texts: list[str] = []
    for script in ("1", "a\0b"):
        try:
            webview_window.blocking_evaluate(script)
        except Exception as error:  # noqa: BLE001 - shown to the test
            texts.append(said(error))
        try:
            await webview_window.evaluate(script)
        except Exception as error:  # noqa: BLE001 - shown to the test
            texts.append(said(error))
    return texts


# States.


@commands.command()
async def manage(body: tuple[str, str], app_handle: AppHandle) -> list[bool]:
    window, notes = found(app_handle, body[0]), Notes(body[1])
    kept[body[0]] = weakref.ref(notes)
    return [window.manage(notes), window.as_ref_webview().manage(Notes("later"))]


@commands.command()
async def read_notes(notes: Annotated[Notes, State()]) -> str:
    return notes.text


@commands.command()
async def states(webview_window: WebviewWindow) -> list[str | None]:
    """The state as each manager gives it."""
    page = webview_window.as_ref_webview()
    managers = (webview_window, page, page.window())
    near = [it.state(Notes).text for it in managers]
    near += [Manager.state(it, Notes).text for it in managers]
    of_app = Manager.try_state(Manager.app_handle(page), Notes)
    return [*near, of_app and of_app.text, type(webview_window.try_state(int)).__name__]


@commands.command()
async def is_let_go(body: str) -> bool:
    return kept[body]() is None


@commands.command()
async def keep_window(webview_window: WebviewWindow) -> None:
    kept["window"] = webview_window


@commands.command()
async def state_of_kept() -> str:
    try:
        return kept["window"].state(Notes).text
    except Exception as error:  # noqa: BLE001 - shown to the test
        return said(error)


# Managers.


@commands.command()
async def as_managers(webview_window: WebviewWindow) -> list[Any]:
    page = webview_window.as_ref_webview()
    seen: list[Any] = []
    for it in (page, page.window()):
        number = Listener.listen(it, "sides", seen.append)
        Emitter.emit_str(it, "sides", '"heard"')
        Listener.unlisten(it, number)
        same = Manager.get_webview_window(it, it.label())
        seen += [same == webview_window, sorted(Manager.webview_windows(it))]
        seen += [Manager.path(it).temp_dir().is_dir(), repr(it)]
    frame = WebviewWindowBuilder.build(page, "of-a-page", URL).as_ref_webview().window()
    frame.destroy()
    await frame.closed(timeout=120)
    return [it if isinstance(it, bool | str | list) else type(it).__name__ for it in seen]


# The whole surface.


def methods(of: type) -> Iterator[str]:
    left_out = {"closed", "call", "evaluate", "close", "destroy", "print"}
    return (name for name in dir(of) if not name.startswith("_") and name not in left_out)


def outcome(act: Callable[[], object]) -> str:
    try:
        act()
    except BaseException as error:  # noqa: BLE001 - a panic is one
        return type(error).__name__
    return "done"


@commands.command()
def walk(body: str, app_handle: AppHandle) -> dict[str, dict[str, str]]:
    """Calls every method with values that fit, then with values that do not."""
    window = WebviewWindowBuilder.build(app_handle, "walked", URL)
    page = window.as_ref_webview()
    of: WebviewWindow | Webview | Window = {"window": window, "page": page}.get(body, page.window())
    fitting: dict[str, str] = {}
    odd: dict[str, str] = {}
    for name in methods(type(of)):
        method = getattr(of, name)
        for arguments in sensible(app_handle, window).get(name, [()]):
            fitting[f"{name}{arguments!r}"] = outcome(lambda m=method, a=arguments: m(*a))
        for arguments in odd_values(name):
            text = f"{name}({', '.join(repr(it)[:40] for it in arguments)})"
            odd[text] = outcome(lambda m=method, a=arguments: m(*a))
    # Each waits for the end, or for a page that does not answer, only as long as it is told.
    window.destroy()
    window.blocking_closed(timeout=120)
    return {"fitting": fitting, "odd": odd}


@commands.command()
def walk_arguments(app_handle: AppHandle) -> dict[str, str]:
    """Builds windows with values that no argument takes."""
    seen: dict[str, str] = {}
    for number, (name, value) in enumerate(BUILDER):
        label = f"odd-{number}"

        def build(name: str = name, value: Any = value, label: str = label) -> None:
            args: Any = {"visible": False, name: value}
            WebviewWindowBuilder.build(app_handle, label, URL, **args).destroy()

        seen[f"{name}={value!r:.40}"] = outcome(build)
    return seen


@commands.command()
async def sides() -> list[list[str]]:
    """What a window has that neither of its sides has, and the other way round."""
    whole, page, frame = (set(methods(it)) for it in (WebviewWindow, Webview, Window))
    missing = whole - page - frame
    return [sorted(missing), sorted(set(PAGE) - page), sorted(set(FRAME) - frame)]


def set_up(app: AppHandle) -> None:
    Manager.manage(app, Notes("of the app"))


if __name__ == "__main__":
    sys.exit(transom.run(commands, Path(__file__).parent, setup=set_up))
