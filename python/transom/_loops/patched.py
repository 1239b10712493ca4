"""Detects libraries that replace Python's threads or the event loop, such as gevent."""

import asyncio
import sys
from collections.abc import Callable
from typing import Any

THREADS: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    ("gevent.monkey", lambda it: it.is_module_patched("threading"), "gevent.monkey.patch_all"),
    ("eventlet.patcher", lambda it: it.is_monkey_patched("thread"), "eventlet.monkey_patch"),
)
"""Modules, whether they have replaced threads, and the functions that do so."""


def check_threads() -> None:
    """`RuntimeError` if threads are no threads of the system any more: nothing would run beside the
    window system, and the app would stand still without a word.
    """
    for name, replaces, patch in THREADS:
        module = sys.modules.get(name)
        if module is not None and replaces(module):
            raise RuntimeError(
                f"`{patch}` has replaced Python's threads, which an app needs beside its windows: "
                f"call `{patch}(thread=False)`, before anything else is imported"
            )


def turns_nest() -> bool:
    """Whether a step of a task may turn the loop, as `nest_asyncio` allows."""
    return hasattr(asyncio, "_nest_patched")
