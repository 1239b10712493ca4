"""Imports the app's modules in a worker, and finds its commands."""

import importlib
import importlib.util
import sys
from collections.abc import Callable
from importlib.machinery import PathFinder, SourcelessFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

from .._commands.parameters import ParametersType, parse_parameters
from .._values.codec import CommandHandler, wrap_pyfunc

MAIN = "__mp_main__"
"""The name of the host's main module in a worker, so that its `__main__` guard holds. Processes
that `multiprocessing` starts call it so too, and find by it what a worker sends them.
"""


class MainModule(ModuleType):
    """The host's main module, in a worker."""


def load_main(main: dict[str, str | None] | None) -> None:
    """Runs the host's main module under the name `MAIN`: from its file, or as a module by name."""
    # `multiprocessing` gives the name to whatever is the main module when it is imported.
    if main is None or isinstance(sys.modules.get(MAIN), MainModule):
        return
    module = MainModule(MAIN)
    name, path = main.get("name"), main.get("path")
    if name is not None:
        spec = (
            importlib.util.find_spec(name) if path is None else PathFinder.find_spec(name, [path])
        )
        get_code = getattr(spec and spec.loader, "get_code", None)
        if spec is None or get_code is None:
            raise ImportError(f"the app's main module `{name}` cannot be found in a worker")
        code = get_code(name)
        module.__spec__, module.__package__, path = spec, spec.parent, spec.origin
    elif path is not None:
        code = code_of(path)
    else:
        return
    module.__file__ = path
    # Both names, as `pickle` and user code look for either.
    sys.modules[MAIN] = sys.modules["__main__"] = module
    exec(code, module.__dict__)


def code_of(path: str) -> Any:
    """The code of a file that `python file` runs: source, or compiled to bytecode."""
    if path.endswith(".pyc"):
        return SourcelessFileLoader(MAIN, path).get_code(MAIN)
    return compile(Path(path).read_bytes(), path, "exec")


def load(module: str, main: dict[str, str | None] | None) -> ModuleType:
    """The module of a command."""
    if module == "__main__":
        load_main(main)
        return sys.modules[MAIN]
    return importlib.import_module(module)


def find(module: ModuleType, qualname: str) -> Callable[..., Any]:
    """The object with that name. `AttributeError`: there is none."""
    found: Any = module
    for part in qualname.split("."):
        found = getattr(found, part)
    return found


class CommandFinder:
    """Finds commands, and caches them."""

    def __init__(self, main: dict[str, str | None] | None) -> None:
        self._main = main
        self._known: dict[tuple[str, str], tuple[ParametersType, CommandHandler]] = {}

    def __call__(self, module: str, qualname: str) -> tuple[ParametersType, CommandHandler]:
        key = (module, qualname)
        if key not in self._known:
            func = find(load(module, self._main), qualname)
            parameters = parse_parameters(func)
            self._known[key] = (parameters, wrap_pyfunc(func, parameters))
        return self._known[key]
