"""Has listeners and handlers run the newest code of their functions, and knows those that cannot.

A callback that is a function of a module, or a method of an object, is found by its name whenever
it is called. A closure cannot be: it belongs to the code that has made it.
"""

import sys
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial, wraps
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any, cast

from ..._app.app import Builder
from ..._native import AppHandle, Listener, TrayIcon, Webview, WebviewWindow, Window
from ..._windows.typed_event import TypedEvent
from .graph import RestartError
from .modules import resolve

REGISTRARS: tuple[tuple[type, tuple[str, ...]], ...] = (
    (Listener, ("listen", "once", "listen_any", "once_any")),
    (TypedEvent, ("listen", "once")),
    (AppHandle, ("on_menu_event", "on_tray_icon_event")),
    (TrayIcon, ("on_menu_event", "on_tray_icon_event")),
    (Webview, ("on_webview_event",)),
    (WebviewWindow, ("on_window_event", "on_webview_event", "on_menu_event")),
    (Window, ("on_window_event", "on_menu_event")),
)
"""The methods that take a callback for later."""


@dataclass(frozen=True, slots=True)
class Registration:
    """A callback that was given away, and the code that did so."""

    callback: "weakref.ref[Any]"
    module: str
    by: CodeType


class Callbacks:
    """The callbacks that an app has given away."""

    def __init__(self) -> None:
        self._swapped: dict[str, ModuleType] = {}
        """The newest modules. While these are imported anew, `sys.modules` lacks them, or has ones
        that are not validated yet.
        """
        self._known: list[Registration] = []

    def watch(self) -> None:
        """Notes every callback from now on."""
        for owner, names in REGISTRARS:
            for name in names:
                if (method := getattr(owner, name, None)) is None:
                    continue  # this system has none
                noting: Any = self._noting(method)
                static = isinstance(vars(owner).get(name), staticmethod) or owner is Listener
                setattr(cast("Any", owner), name, staticmethod(noting) if static else noting)
        build = Builder.build

        @wraps(build)
        def noting_build(*args: Any, **kwargs: Any) -> Any:
            self._note_start(kwargs.get("setup"))
            return build(*args, **kwargs)

        Builder.build = noting_build

    def _noting(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def call(*args: Any, **kwargs: Any) -> Any:
            for value in (*args, *kwargs.values()):
                if isinstance(value, FunctionType | MethodType | partial):
                    self._note(cast("Any", value))
            return method(*args, **kwargs)

        return call

    def _note_start(self, setup: Any) -> None:
        """Notes a function that runs once, at the start."""
        if (base := _function_of(setup)) is not None:
            it = Registration(weakref.ref(base), base.__module__, base.__code__)
            self._known.append(it)

    def _note(self, callback: Any) -> None:
        frame = sys._getframe(2)  # pyright: ignore[reportPrivateUsage] - `inspect` is slow
        while frame.f_back is not None and str(frame.f_globals.get("__name__")).startswith(
            "transom."
        ):
            frame = frame.f_back
        base = _function_of(callback)
        if base is None:
            return
        self._known = [it for it in self._known if it.callback() is not None]
        module = str(frame.f_globals.get("__name__"))
        self._known.append(Registration(weakref.ref(base), module, frame.f_code))

    def check(self, old: Mapping[str, ModuleType], new: Mapping[str, ModuleType]) -> None:
        """Raises `RestartError` for a callback that would go on with old code, or that the new code
        would give away differently.
        """
        for it in self._known:
            if (callback := it.callback()) is None:
                continue
            name, home = callback.__qualname__, callback.__module__
            if home in old and "<" in name:
                raise RestartError(f"`{name}` of `{home}` is a callback, and no function by itself")
            if home in old and not callable(resolve(new, home, name)):
                raise RestartError(f"the callback `{name}` is not in the new `{home}`")
            if it.module in old and not _is_kept(it.by, new.get(it.module)):
                where = f"`{it.by.co_qualname}` of `{it.module}`"
                raise RestartError(f"{where}, which has registered callbacks, has changed")

    def swapped(self, new: Mapping[str, ModuleType]) -> None:
        """Has the callbacks of these modules looked up in them from now on."""
        self._swapped.update(new)

    def latest(self, func: Any) -> Any:
        """The newest form of a callback."""
        if isinstance(func, MethodType):
            renew(func.__self__, self._swapped)
            return getattr(func.__self__, func.__name__, func)
        if isinstance(func, partial):
            it = cast("partial[Any]", func)
            return partial(self.latest(it.func), *it.args, **it.keywords)
        if not isinstance(func, FunctionType):
            if type(func).__module__ in self._swapped:
                renew(func, self._swapped)
            return func
        if func.__module__ not in self._swapped or "<" in func.__qualname__:
            return func
        found = resolve(self._swapped, func.__module__, func.__qualname__)
        return found if callable(found) else func


def renew(value: Any, modules: Mapping[str, ModuleType]) -> None:
    """Gives an object the newest form of its class, if that is possible."""
    cls = cast("type[Any]", type(value))
    if cls.__module__ not in modules or "<" in cls.__qualname__:
        return
    newest = resolve(modules, cls.__module__, cls.__qualname__)
    if isinstance(newest, type) and newest is not cls:
        try:
            value.__class__ = newest
        except TypeError:
            return  # laid out differently: it keeps its old methods


def _function_of(callback: Any) -> FunctionType | None:
    if isinstance(callback, partial):
        return _function_of(cast("partial[Any]", callback).func)
    if isinstance(callback, MethodType):
        callback = callback.__func__
    return callback if isinstance(callback, FunctionType) else None


def _is_kept(code: CodeType, module: ModuleType | None) -> bool:
    """Whether a module still has this code, perhaps in other lines."""
    if code.co_name == "<module>":
        return True  # it has just run
    if module is None:
        return False
    found = resolve({module.__name__: module}, module.__name__, code.co_qualname)
    found = getattr(found, "__wrapped__", found)
    new = getattr(found, "__code__", None)
    return new is not None and is_same(code, new)


def is_same(one: CodeType, other: CodeType) -> bool:
    """Whether two codes do the same, wherever they stand."""
    if (one.co_code, one.co_names, one.co_varnames, one.co_freevars) != (
        other.co_code,
        other.co_names,
        other.co_varnames,
        other.co_freevars,
    ) or len(one.co_consts) != len(other.co_consts):
        return False
    pairs = zip(one.co_consts, other.co_consts, strict=True)
    return all(
        is_same(a, b)
        if isinstance(a, CodeType) and isinstance(b, CodeType)
        else type(a) is type(b) and a == b
        for a, b in pairs
    )
