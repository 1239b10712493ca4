"""Chooses the native half of this package, before anything imports it: the library of the package,
or that of the app which runs, if the app is a crate of its own.

There is one in a process: each has its own actors and its own copy of Tauri.
"""

import sys
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from ._program import failing

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

PACKAGE = "transom"
NATIVE = f"{PACKAGE}._native"
PACKAGE_VERSION = "0.1.0"
"""The version of this package. An app's library is built for one version."""
PROGRAM = "_transom_app"
"""A module that is built into the executable of an app with an embedded interpreter, and into no
Python. It holds the app's extension module.
"""
GROUP = "transom"
"""The entry points by which apps name their extension modules."""


def _native_half() -> ModuleType:
    """Imports the native half. A worker process, or a program in Rust, has put its own in place.

    Raises:
        ImportError: The app's extension module cannot be imported, or has no native half, or that
            of another version.
    """
    if NATIVE not in sys.modules:
        if is_built_in():
            _take_from_program()
        elif (name := next(_of_running_app(), None)) is not None:
            _take_from_module(name)
    native = _loaded()
    built = vars(native).get("CRATE_VERSION")
    if built not in (None, PACKAGE_VERSION):
        raise ImportError(
            f"this app is built with the crate `transom` {built}, and the installed package "
            f"`transom` is {PACKAGE_VERSION}: use one version for both",
            name=NATIVE,
        )
    return native


def _loaded() -> ModuleType:
    try:
        return import_module(NATIVE)
    except ImportError as error:
        if any(
            it in str(error) for it in ("libwebkit2gtk", "libjavascriptcore", "libgtk", "libgdk")
        ):
            from ._doctor.webkit import install_webkit  # noqa: PLC0415 - where it is needed

            raise ImportError(f"{error}: {install_webkit()}", name=NATIVE) from error
        raise


def is_built_in() -> bool:
    """Whether the program of this process is the executable of an app."""
    return PROGRAM in sys.builtin_module_names


def _take_from_program() -> None:
    module = import_module(PROGRAM).ext_mod
    # A file of that name may lie in the package: it is another library.
    for name in _of_running_app():
        sys.modules[name] = module


def _take_from_module(name: str) -> None:
    try:
        import_module(name)
    except ModuleNotFoundError as error:
        if not f"{name}.".startswith(f"{error.name}."):
            raise
        # It is in the executable of the app, and this is a process that `multiprocessing` started.
        # Or the package is not built, or has a copy of PyTauri's library when it is.
        # `context_factory` says what is missing where that is not so.
        return
    if NATIVE not in sys.modules:
        raise ImportError(
            f"`{name}`, the entry point of this app in the group `{GROUP}`, has no native half: "
            "call `transom::pymodule_export` where the module is initialised",
            name=name,
        )


def _of_running_app() -> Iterator[str]:
    """The extension modules of the app that runs: those in a package which imports this one."""
    if running := list(_importing()):
        # This costs some milliseconds, and most apps are no crate.
        from importlib.metadata import entry_points  # noqa: PLC0415

        found = entry_points(group=GROUP)
        # The module may be in a package of its own, beside the one with the app's code.
        named = {package: it.module for it in found for package in _packages_with(it)}
        named |= {it.value.partition(".")[0]: it.module for it in found}
        modules = (named[package] for package in running if package in named)
        yield from dict.fromkeys(modules)


def _packages_with(entry_point: "EntryPoint") -> list[str]:
    """The packages of the distribution that has an entry point, as far as setuptools wrote them."""
    dist = entry_point.dist
    return [] if dist is None else (dist.read_text("top_level.txt") or "").split()


def _importing() -> Iterator[str]:
    """The packages whose code is being run, the program's first."""
    found: list[str] = []
    frame = sys._getframe()  # pyright: ignore[reportPrivateUsage] - `inspect` is slow to import
    while frame is not None:
        # Code that is run by `exec` may have globals of any kind.
        spec = frame.f_globals.get("__spec__")
        name = getattr(spec, "name", None) or frame.f_globals.get("__name__")
        found.append(str(name).partition(".")[0])
        frame = frame.f_back
    importing = ("importlib", "_frozen_importlib", "_frozen_importlib_external", "runpy")
    ours = ("None", "__main__", PACKAGE, *importing)
    return (name for name in dict.fromkeys(reversed(found)) if name not in ours)


# What follows may fail: the library of WebKit may be missing.
failing.watch()
_native = _native_half()
# The import system does so only with what it has loaded itself.
vars(sys.modules[PACKAGE])["_native"] = _native

EXT_MOD: ModuleType = vars(_native).get("EXT_MOD", _native)
"""The extension module of an app that is a crate of its own, else the native half."""
