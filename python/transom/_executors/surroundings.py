"""Describes what a worker takes over of the app's process: paths, arguments, environment.

Any of it may hold what is no UTF-8, in lone surrogates. What goes to a worker goes through JSON
that Rust reads, which knows no such text, so it is packed.
"""

import logging
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from .._observe.failures import report
from .addresses import main_module, working_directory

NAMES_OF_ROOM = ("TMPDIR", "TEMP", "TMP")
PLACES_OF_ROOM = ("/tmp", "/var/tmp", "/usr/tmp", os.curdir)

log = logging.getLogger("transom.worker")

debugger: dict[str, Any] | None = None
"""How workers join the debugger of the app. `transom dev --debug` sets it."""


def pack(text: str) -> str:
    """The text with a character for each of its bytes."""
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


def unpack(text: str) -> str:
    """The text that `pack` has packed. Text in ASCII is the same, packed or not."""
    return text.encode("latin-1").decode("utf-8", "surrogatepass")


def is_whole(text: str) -> bool:
    """Whether UTF-8 can express the text."""
    return not any("\ud800" <= it <= "\udfff" for it in text)


# In the host.


def position() -> dict[str, Any]:
    """Where the app is: its paths and its arguments. Packed."""
    here = working_directory()
    return {
        "sys_path": [pack(entry) for entry in _search_path(here)],
        # What an app puts there beside text only it can read.
        "argv": [pack(it) for it in _texts(sys.argv)],
        "cwd": None if here is None else pack(here),
    }


def packed_main() -> dict[str, str | None] | None:
    """The main module, as `main_module` has it. Packed."""
    main = main_module()
    return main and {name: value and pack(value) for name, value in main.items()}


def _texts(entries: list[Any]) -> list[str]:
    return [it for it in entries if isinstance(it, str)]


def _search_path(here: str | None) -> list[str]:
    # Imports look at nothing else in it either.
    found = (Path(entry) for entry in _texts(sys.path))
    if here is None:
        return [str(entry) for entry in found if entry.is_absolute()]
    return [str(here / entry) for entry in found]


def split(environment: dict[str, str]) -> tuple[dict[str, str], dict[str, str | None]]:
    """Variables that are added to the environment: those that a worker starts with, and packed
    those that it sets itself. `None`: it removes the variable.
    """
    first = {name: it for name, it in environment.items() if is_whole(name + it)}
    later: dict[str, str | None] = {
        pack(name): pack(it) for name, it in environment.items() if name not in first
    }
    seen = {**os.environ, **environment}
    room = room_for_files(seen)
    # The host chooses a worker's folder for temporary files by what it starts with.
    if room is not None and room != seen.get("TMPDIR", PLACES_OF_ROOM[0]):
        before = seen.get("TMPDIR")
        first["TMPDIR"], later["TMPDIR"] = room, before and pack(before)
    return first, later


def room_for_files(environment: Mapping[str, str]) -> str | None:
    """The folder that `tempfile.gettempdir()` finds with this environment, if it is in UTF-8."""
    wanted = [it for name in NAMES_OF_ROOM if (it := environment.get(name))]
    with suppress(OSError):  # the working directory is gone
        for folder in (*map(os.path.abspath, wanted), *map(os.path.abspath, PLACES_OF_ROOM)):
            if is_whole(folder) and os.access(folder, os.W_OK | os.X_OK) and Path(folder).is_dir():
                return folder
    return None


# In a worker, and in the process that forks it.


def take_position(told: dict[str, Any]) -> None:
    """Takes the paths and arguments over that `position` has told of."""
    sys.path[:] = map(unpack, told["sys_path"])
    sys.argv[:] = map(unpack, told["argv"])
    if told["cwd"] is None:
        return
    try:
        os.chdir(unpack(told["cwd"]))
    except OSError as error:
        text = "the working directory of the app cannot be entered: %s"
        report(log, text, error, level=logging.WARNING)


def change_environment(later: Mapping[str, str | None]) -> None:
    """Sets the variables that `split` has left to the worker."""
    for name, value in later.items():
        if value is None:
            os.environ.pop(unpack(name), None)
        else:
            os.environ[unpack(name)] = unpack(value)
