"""Finds the commands of an app by what is written on the command line, like `app.main:commands`."""

import importlib
import importlib.util
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

from .._commands.registry import Registry
from ..errors import TransomError


class UsageError(TransomError):
    """What was asked for cannot be done. The text says what to do."""


def load(target: str, folder: Path) -> Registry:
    """The registry that `target` names: `MODULE:NAME`, or `FILE.py:NAME`, seen from a folder.

    Raises:
        UsageError: There is no such module or name, it does not import, or it is no `Commands`.
    """
    place, _, name = target.partition(":")
    module = _module(place, folder)
    found: Any = module
    for part in (name or "commands").split("."):
        found = getattr(found, part, None)
    if isinstance(found, Registry):
        return found
    there = [it for it, value in vars(module).items() if isinstance(value, Registry)]
    raise UsageError(
        f"`{place}` has no `Commands` named `{name or 'commands'}`"
        + (f"; write `{place}:{there[0]}`" if there else ": write MODULE:NAME")
    )


def _module(place: str, folder: Path) -> ModuleType:
    file = folder / place
    is_file = place.endswith(".py")
    if is_file and not file.is_file():
        raise UsageError(f"there is no file {file}")
    sys.path.insert(0, str(file.parent if is_file else folder))
    if not is_file and not _exists(place):
        raise UsageError(
            f"there is no module `{place}` in {folder}, nor is it installed: "
            "write MODULE:NAME as you would import it here, or FILE.py:NAME"
        )
    try:
        return importlib.import_module(file.stem if is_file else place)
    except SystemExit as error:
        raise UsageError(
            f"importing `{place}` ended with the status {error.code}: start the app only under "
            '`if __name__ == "__main__":`'
        ) from error
    except Exception as error:
        raise UsageError(f"`{place}` does not import:\n{traceback.format_exc()}") from error


def _exists(module: str) -> bool:
    if module.startswith("."):
        return False  # it is relative to nothing
    try:
        return importlib.util.find_spec(module) is not None
    except (ModuleNotFoundError, ValueError):
        return False  # a package on the way to it is missing, or the name is none
    except Exception:  # noqa: BLE001 - the package of the module is the user's; the import tells
        return True
