"""Writes the two files that pages written for PyTauri import."""

from collections.abc import Callable
from pathlib import Path

from .._commands.registry import Registry
from . import files
from .module import HEAD, Module
from .names import key

IMPORTS = """\
import type * as api from "./apiClient";

export type * from "./apiClient";

"""


def write(registry: Registry, folder: str, alias: Callable[[str], str]) -> None:
    """Writes `apiClient.ts` and `_apiTypes.d.ts` into a folder, where they have changed."""
    module = Module(registry, alias=alias, voids=True)
    files.write(Path(folder) / "apiClient.ts", module.write())
    files.write(Path(folder) / "_apiTypes.d.ts", _types(module))


def _types(module: Module) -> str:
    """The interface of all commands, by their names. Its types are those of the functions."""
    lines = [HEAD, IMPORTS, "export interface Commands {\n"]
    for function, command in module.functions():
        body = "undefined" if command.body is None else f"Parameters<typeof api.{function}>[0]"
        result = f"Awaited<ReturnType<typeof api.{function}>>"
        if command.stream:
            result = f"ReturnType<typeof api.{function}>"
        lines.append(f"  {key(command.name)}: {{ input: {body}; output: {result} }};\n")
    return "".join([*lines, "}\n"])
