"""Does what the native functions of plugins do, with doubles of managers."""

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from ... import _native  # pyright: ignore[reportPrivateUsage]
from ..._call.interrupt import here, raise_cancelled
from ..._call.shield import is_shielded
from .._desktop.doubles import Double
from .._desktop.lanes import LaneHandler
from .._menus.reading import check
from .._menus.windows import window_of
from .dialogs import Dialog, DialogKind

_LOOK = 0.005
"""Seconds between two looks at a call that may be cancelled."""

_KINDS: Final[dict[str, DialogKind]] = {
    "file": "pick_file",
    "files": "pick_files",
    "folder": "pick_folder",
    "folders": "pick_folders",
    "save": "save_file",
}


def _parent_of(manager: Double, parent: object) -> str | None:
    """The label of a dialog's window. `PermissionError`: it is out of reach."""
    if parent is None:
        return None
    label = window_of(parent).label
    manager.check_reach(label)
    return label


def _ask(manager: Double, dialog: Dialog, handler: Callable[[Any], object] | None) -> Any:
    dialogs, lanes = manager.desktop.dialogs, manager.desktop.lanes
    if handler is not None:
        called = LaneHandler(handler)

        def tell(answer: Any) -> None:
            with manager.desktop.lock:
                lanes.post(called, (answer,), lambda: None)

        dialogs.show(dialog, tell)
        return None
    answers, answered = list[Any](), threading.Event()

    def settle(answer: Any) -> None:
        answers.append(answer)
        answered.set()

    shown = dialogs.show(dialog, settle)
    call = None if is_shielded() else here.call
    while not answered.wait(_LOOK):
        if call is not None and call.cancelled and shown is not None:
            dialogs.give_up(shown)
            raise_cancelled()
    return answers[0]


def show_message(native: Any, manager: Double, message: str, handler: Any, /, **args: Any) -> Any:
    parent = args.pop("parent", None)
    check(native, message, handler, **args)
    manager.check_open()
    dialog = Dialog(
        "message",
        message,
        title=args.get("title"),
        level=args.get("kind", "Info"),
        buttons=tuple(args["buttons"]),
        parent=_parent_of(manager, parent),
    )
    return _ask(manager, dialog, handler)


def pick_path(native: Any, manager: Double, what: str, handler: Any, /, **args: Any) -> Any:
    parent = args.pop("parent", None)
    check(native, what, handler, **args)
    manager.check_open()
    directory = args.get("directory")
    dialog = Dialog(
        _KINDS[what],
        title=args.get("title"),
        filters=tuple((name, tuple(endings)) for name, endings in args["filters"]),
        directory=None if directory is None else Path(directory),
        file_name=args.get("file_name"),
        parent=_parent_of(manager, parent),
    )
    return _ask(manager, dialog, handler)


def show_notification(native: Any, manager: Double, parts: dict[str, Any], /) -> None:
    check(native, parts)
    for name, text in parts.items():
        if isinstance(text, str) and "\0" in text:
            raise ValueError(f"`{name}` has a NUL character: {text!r}")
    manager.check_open()
    given = {name: value for name, value in parts.items() if value is not None}
    manager.desktop.notifications.append(given)


def _refused(name: str, *_: object, **__: object) -> Any:
    raise NotImplementedError(
        f"`{name}` is not played by `TestApp`: keep what it does in a function of your own, which "
        "the test replaces; or test it in the running app, with `transom.testing.webdriver`"
    )


_PLAYED: Final = {
    "show_message": show_message,
    "pick_path": pick_path,
    "show_notification": show_notification,
}


def take_plugins(either: Callable[[Any, Any], Any]) -> None:
    """Makes the native functions of plugins accept doubles. `either(native, own)` chooses."""
    for name, native in list(vars(_native).items()):
        signature = getattr(native, "__text_signature__", None) or ""
        if signature.startswith("(manager,") and not isinstance(native, type):
            played = _PLAYED.get(name)
            own = partial(_refused, name) if played is None else partial(played, native)
            setattr(_native, name, either(native, own))
