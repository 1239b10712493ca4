"""Finds the module and the name by which a worker process can import a function."""

import sys
from collections.abc import Callable
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

MAIN = "__main__"


def working_directory() -> str | None:
    """The working directory. `None`: it was deleted, so no relative path leads anywhere."""
    try:
        return str(Path.cwd())
    except OSError:
        return None


def main_module() -> dict[str, str | None] | None:
    """Tells how a worker finds the host's main module.

    By name, in the folder or archive `path` if that is given; or by its file. `None`: it has none
    that can be run again.
    """
    main = sys.modules[MAIN]
    spec = getattr(main, "__spec__", None)
    path = getattr(main, "__file__", None)
    if spec is not None and spec.name != MAIN:
        return {"name": spec.name, "path": None}
    if path is None:
        return None
    file = Path(path)
    if not file.is_absolute():
        if (here := working_directory()) is None:
            return None
        file = here / file
    if spec is not None:
        # `python folder` and `python app.pyz`: their `__main__`, and no other in `sys.path`.
        found = PathFinder.find_spec(MAIN, [str(file.parent)])
        return None if found is None else {"name": MAIN, "path": str(file.parent)}
    return {"name": None, "path": str(file)} if file.is_file() else None


def address_of(func: Callable[..., Any], what: str) -> tuple[str, str]:
    """The module and qualified name by which a worker finds `func`.

    Raises:
        ValueError: It cannot be found by them; it says why.
    """
    module, qualname = getattr(func, "__module__", None), getattr(func, "__qualname__", None)
    if not module or not qualname or "<" in qualname:
        raise ValueError(
            f"{what} must be a function at the top of a module: a worker process imports the "
            f"module and finds it by name, which `{qualname or func!r}` does not allow"
        )
    return module, qualname


def check_reach(name: str, handler: Callable[..., Any]) -> None:
    """Raises `ValueError` for a command that a worker would not find under its function's name."""
    func = function_of(handler)
    module, qualname = address_of(func, f"`{name}`, a command of a worker process,")
    found: Any = sys.modules.get(module)
    for part in qualname.split("."):
        found = getattr(found, part, None)
    check_main(f"`{name}`", module)
    if found is not func:
        raise ValueError(
            f"`{name}` runs in a worker process, which looks for `{qualname}` in the module "
            f"`{module}` and would not find this function there: define it at the top of a module "
            "that can be imported, under a name of its own"
        )


def check_main(what: str, module: str) -> None:
    """Raises `ValueError` for a function of a main module that a worker cannot run again."""
    if module == MAIN and main_module() is None:
        raise ValueError(
            f"{what} runs in a worker process, which would have to run the app's main module, and "
            "that is in no file: it came from standard input, `python -c` or a prompt, or its file "
            "is gone. Put the function into a module that can be imported, or start the app from a "
            "file"
        )


def function_of(handler: Callable[..., Any]) -> Callable[..., Any]:
    """The function that the registry has wrapped."""
    return getattr(handler, "__wrapped__", handler)
