"""Makes the native `Manager`, `Emitter`, `Listener` and builder of windows accept test doubles.

They are native, and take what Tauri has made. From the first test app of a process on they take
doubles as well; with everything else they do what they did.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from ..._commands.unawaited import check_returned
from ..._native import (
    ContextMenu,
    Emitter,
    EventTarget,
    JavaScriptChannelId,
    Listener,
    Manager,
    WebviewUrl,
    WebviewWindow,
    WebviewWindowBuilder,
)
from ..._values.models import json_of
from .._menus import making
from .._menus.items import Named
from .._plugins.showing import take_plugins
from .building import build, from_config, get_or_build
from .doubles import Double
from .listening import Audience, EventListener, check_capacity, check_event_name
from .mocks import PageDouble

Method = Callable[..., Any]
LABELLED = (
    EventTarget.AnyLabel,
    EventTarget.Window,
    EventTarget.Webview,
    EventTarget.WebviewWindow,
)


def app_handle(slf: Double, /) -> Double:
    if slf.window is None:
        return slf
    slf.check_open()
    # A window outlives a handle that could reach everything anyway.
    return slf.doubles.handle(slf.reach if slf.is_bounded() else None)


def get_webview_window(slf: Double, label: str, /) -> Double | None:
    slf.check_open()
    slf.check_reach(label)
    window = slf.desktop.window(label)
    return None if window is None else slf.doubles.webview_window(window, slf.reach)


def webview_windows(slf: Double, /) -> dict[str, Double]:
    slf.check_open()
    return {
        label: slf.doubles.webview_window(window, slf.reach)
        for label, window in slf.desktop.windows().items()
        if slf.reaches(label)
    }


def manage(slf: Double, state: object, /) -> bool:
    return slf.desktop.manage(state)


def state(slf: Double, state_type: type, /) -> Any:
    return slf.desktop.state(state_type, slf.window)


def channel_on(slf: JavaScriptChannelId, page: PageDouble, /) -> Any:
    window = page.of_window
    window.check_open()
    return window.screen.channel(window.label, slf.number)


def try_state(slf: Double, state_type: type, /) -> Any:
    return slf.desktop.try_state(state_type, slf.window)


def emit_str(slf: Double, event: str, payload: str, /) -> None:
    slf.check_open()
    slf.desktop.emit(event, payload, Audience(True, slf.reaches))


def emit_str_to(slf: Double, target: EventTarget, event: str, payload: str, /) -> None:
    label: str | None = getattr(target, "label", None)
    slf.check_open()
    if label is not None:
        slf.check_reach(label)
    slf.desktop.emit(event, payload, _audience(slf, [target]), (label,))


def emit_str_filter(
    slf: Double, event: str, payload: str, chosen: Callable[[EventTarget], object], /
) -> None:
    slf.check_open()
    slf.desktop.check_event(event, payload)
    targets, to = [EventTarget.App()], list[str | None]()
    for label in webview_windows(slf):
        targets += [kind(label) for kind in LABELLED]
    heard = list[EventTarget]()
    for target in targets:
        answer = chosen(target)
        check_returned(chosen, answer)
        if answer:
            heard.append(target)
            label: str | None = getattr(target, "label", None)
            if label not in (None, *to):
                to.append(label)
    slf.desktop.emit(event, payload, _audience(slf, heard), to)


def _audience(slf: Double, targets: Sequence[EventTarget]) -> Audience:
    """Those who listen at one of these, within reach. Listeners of Python's are at the app, or at a
    window with its page.
    """
    if any(isinstance(it, EventTarget.Any) for it in targets):
        return Audience(True, slf.reaches)
    kinds = (EventTarget.AnyLabel, EventTarget.WebviewWindow)
    labels = {it.label for it in targets if isinstance(it, kinds)}
    app = any(isinstance(it, EventTarget.App) for it in targets)
    return Audience(app, labels.__contains__)


def _listener(*, everything: bool, once: bool) -> Method:
    """A form of `Listener.listen`."""

    def listen(slf: Double, event: str, handler: Callable[..., Any], /, **capacity: Any) -> int:
        check_capacity(**capacity)
        check_event_name(event)
        slf.check_open()
        if slf.window is not None:
            slf.window.check_open()
        if everything:
            # It hears what is meant for other windows.
            slf.check_reach("*")
        of = None if slf.window is None else slf.window.label
        listener = EventListener(
            event, handler, of=of, everything=everything, once=once, owner=slf.reach
        )
        with slf.desktop.lock:
            return slf.desktop.listeners.add(listener)

    def listen_once(slf: Double, event: str, handler: Callable[..., Any], /) -> int:
        return listen(slf, event, handler)

    return listen_once if once else listen


def unlisten(slf: Double, number: int, /) -> None:
    slf.check_open()
    with slf.desktop.lock:
        slf.desktop.listeners.remove(number, None if slf.reaches("*") else slf.reach)


def _with_model(emit: Method, place: int) -> Method:
    """Wraps `emit` to take a pydantic model as argument number `place`, instead of JSON text."""

    def emit_model(*args: Any) -> None:
        payload = args[place]
        if not hasattr(payload, "model_dump_json"):
            raise TypeError(
                f"the payload must be a pydantic BaseModel, got {type(payload).__name__}; for JSON "
                "text there is the method of the same name with `_str`"
            )
        emit(*args[:place], json_of(payload), *args[place + 1 :])

    return emit_model


def _either(native: Method, own: Method, place: int = 0) -> Method:
    """Takes `own` where the argument number `place` is a double."""

    @wraps(native)
    def chosen(*args: Any, **kwargs: Any) -> Any:
        is_double = len(args) > place and isinstance(args[place], Double | PageDouble | Named)
        return (own if is_double else native)(*args, **kwargs)

    return chosen


MANAGER: dict[str, Method] = {
    "app_handle": app_handle,
    "get_webview_window": get_webview_window,
    "webview_windows": webview_windows,
    "manage": manage,
    "state": state,
    "try_state": try_state,
}
EMITTER: dict[str, Method] = {
    "emit": _with_model(emit_str, 2),
    "emit_str": emit_str,
    "emit_to": _with_model(emit_str_to, 3),
    "emit_str_to": emit_str_to,
    "emit_filter": _with_model(emit_str_filter, 2),
    "emit_str_filter": emit_str_filter,
}
LISTENER: dict[str, Method] = {
    "listen": _listener(everything=False, once=False),
    "once": _listener(everything=False, once=True),
    "listen_any": _listener(everything=True, once=False),
    "once_any": _listener(everything=True, once=True),
    "unlisten": unlisten,
}
BUILDER: dict[str, Method] = {
    "build": build,
    "get_or_build": get_or_build,
    "from_config": from_config,
}


def _new_window(
    _: type[WebviewWindow], manager: Any, label: str, url: WebviewUrl, /, **args: Any
) -> WebviewWindow:
    """`WebviewWindow(…)`. The native `__new__` refuses to be called once there is another one."""
    return WebviewWindowBuilder.build(manager, label, url, **args)


def _new_of(of_double: Method, of_app: Method) -> Any:
    """A `__new__`, which gets the class first."""
    return staticmethod(_either(of_app, of_double, 1))


def take_doubles() -> None:
    """Makes the native classes accept doubles from now on. Further calls do nothing."""
    if hasattr(Manager.app_handle, "__wrapped__"):
        return
    for owner, methods in (
        (Manager, MANAGER),
        (Emitter, EMITTER),
        (Listener, LISTENER),
        (WebviewWindowBuilder, BUILDER),
        (ContextMenu, making.POPUPS),
        *making.METHODS,
    ):
        for name, method in methods.items():
            setattr(owner, name, staticmethod(_either(getattr(owner, name), method)))
    take_plugins(_either)
    for owner, of_double, of_app in making.NEW:
        owner.__new__ = _new_of(of_double, of_app)
    native: Any = JavaScriptChannelId.channel_on
    JavaScriptChannelId.channel_on = _either(native, channel_on, 1)
    WebviewWindow.__new__ = staticmethod(_new_window)
