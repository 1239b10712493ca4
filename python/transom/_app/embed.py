"""Connects Python commands to an app that is written in Rust, which calls this module."""

import importlib
from collections.abc import Callable
from contextlib import ExitStack

from .. import _fork
from .._commands.commands import Commands
from .._loops.latch import own_portal
from .._native import AppHandle, Host
from .._observe.logs import configure
from . import callbacks
from .exits import flush
from .locales import count_as_python
from .plots import draw_without_windows
from .runtime import Runtime, set_current

DEFAULT_NAME = "commands"


def begin(
    host: Host, app_handle: AppHandle | None, module: str, backend: str
) -> Callable[[], None]:
    """Imports the commands and connects them to `host`. Returns what ends them after the drain."""
    _fork.watch()
    count_as_python()
    draw_without_windows()
    commands = find_commands(module)
    configure()
    with ExitStack() as stack:
        portal = stack.enter_context(own_portal(backend))
        runtime = Runtime(host, app_handle, embedded=True)
        set_current(runtime)
        stack.callback(set_current, None)
        callbacks.set_portal(portal)
        stack.callback(callbacks.set_portal, None)
        handler = commands.generate_handler(portal)
        handler.attach(runtime)
        stack.callback(handler.detach)
        stack.callback(flush)
        return stack.pop_all().close


def find_commands(module: str) -> Commands:
    """The registry that `module` or `module:name` names.

    Raises:
        ImportError: There is no such module, or it has no registry of that name.
        Exception: What the module raised.
    """
    path, _, name = module.partition(":")
    name = name or DEFAULT_NAME
    found = getattr(importlib.import_module(path), name, None)
    if not isinstance(found, Commands):
        raise ImportError(
            f"the module `{path}` has no `Commands` named `{name}`: "
            f"write `{name} = Commands()`, or name another in `Builder::module`"
        )
    return found
