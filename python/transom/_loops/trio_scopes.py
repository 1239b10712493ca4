"""Keeps a command from cancelling what is around all commands on a trio loop.

Each task of trio knows its parent's nursery, so a command can get at the scopes of the portal.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from weakref import WeakKeyDictionary

import trio
import trio.lowlevel

CANCELLED = (
    "a command must not cancel what runs other commands too: cancel only what the command has "
    "started; `app_handle.exit(code)` ends the app"
)

guarded = WeakKeyDictionary[trio.CancelScope, Callable[[], bool]]()
"""The scopes, each with a function that says whether it must not be cancelled now."""


def guard_scopes(is_command: Callable[[], bool]) -> None:
    """Guards the scopes around the running task, also those of the tasks above it, from code for
    which `is_command()` is true.
    """
    own = trio.lowlevel.current_task()

    def is_refused() -> bool:
        return is_command() and running() is not own

    # A scope has slots only, so the method is replaced in its class.
    scopes = cast("Any", trio.CancelScope)
    if not hasattr(scopes.cancel, "__wrapped__"):
        scopes.cancel = refusing(scopes.cancel)
    status = cast("Any", own)._cancel_status
    while status is not None:
        guarded[status._scope] = is_refused
        status = status._parent


def refusing(cancel: Callable[..., None]) -> Callable[..., None]:
    """Trio's `CancelScope.cancel`, but for guarded scopes."""

    @wraps(cancel)
    def cancel_unless_shared(scope: trio.CancelScope, *args: Any, **kwargs: Any) -> None:
        is_refused = guarded.get(scope)
        if is_refused is not None and is_refused():
            raise RuntimeError(CANCELLED)
        cancel(scope, *args, **kwargs)

    return cancel_unless_shared


def running() -> trio.lowlevel.Task | None:
    """The task that takes a step now. `None`: this is a function that trio calls between steps."""
    try:
        return trio.lowlevel.current_task()
    except RuntimeError:
        return None
