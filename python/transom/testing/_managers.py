"""Makes the native `Manager` and `Emitter` accept test doubles.

Both are native, and take what Tauri has made. From the first test app of a process on they take
doubles as well; with everything else they do what they did.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from .._commands.unawaited import check_returned
from .._native import Emitter, EventTarget, Manager
from ._doubles import Double

Method = Callable[..., Any]


def app_handle(slf: Double, /) -> Double:
    return slf.desktop.handle_of(slf.owner) if slf.owner else slf.desktop.app_handle


def get_webview_window(slf: Double, label: str, /) -> Double | None:
    if slf.owner is not None:
        slf.owner.check_open()
        slf.owner.check_reach(label)
    window = slf.desktop.windows.get(label)
    return None if window is None or window.closed else slf.desktop.window_of(window)


def webview_windows(slf: Double, /) -> dict[str, Double]:
    return {
        label: slf.desktop.window_of(window)
        for label, window in slf.desktop.windows.items()
        if not window.closed and (slf.owner is None or slf.owner.reaches(label))
    }


def manage(slf: Double, state: object, /) -> bool:
    return slf.desktop.manage(state)


def state(slf: Double, state_type: type, /) -> Any:
    if state_type not in slf.desktop.states:
        raise ValueError(f"state() called before manage() for {state_type}")
    return slf.desktop.states[state_type]


def try_state(slf: Double, state_type: type, /) -> Any:
    return slf.desktop.states.get(state_type)


def emit_str(slf: Double, event: str, payload: str, /) -> None:
    slf.desktop.emit(event, payload)


def emit_str_to(slf: Double, target: EventTarget, event: str, payload: str, /) -> None:
    label: str | None = getattr(target, "label", None)
    if slf.owner is not None and label is not None:
        slf.owner.check_reach(label)
    slf.desktop.emit(event, payload, label)


def emit_str_filter(
    slf: Double, event: str, payload: str, chosen: Callable[[EventTarget], object], /
) -> None:
    for label in webview_windows(slf):
        answer = chosen(EventTarget.AnyLabel(label))
        check_returned(chosen, answer)
        if answer:
            slf.desktop.emit(event, payload, label)


def _with_model(emit: Method, place: int) -> Method:
    """Wraps `emit` to take a pydantic model as argument number `place`, instead of JSON text."""

    def emit_model(*args: Any) -> None:
        payload = args[place]
        if not hasattr(payload, "model_dump_json"):
            raise TypeError(
                f"the payload must be a pydantic BaseModel, got {type(payload).__name__}; for JSON "
                "text there is the method of the same name with `_str`"
            )
        emit(*args[:place], payload.model_dump_json(), *args[place + 1 :])

    return emit_model


def _either(native: Method, own: Method) -> Method:
    @wraps(native)
    def chosen(slf: Any, /, *args: Any) -> Any:
        return (own if isinstance(slf, Double) else native)(slf, *args)

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


def take_doubles() -> None:
    """Makes `Manager` and `Emitter` accept doubles from now on. Further calls do nothing."""
    for owner, methods in ((Manager, MANAGER), (Emitter, EMITTER)):
        for name, method in methods.items():
            native = getattr(owner, name)
            if not hasattr(native, "__wrapped__"):
                setattr(owner, name, staticmethod(_either(native, method)))
