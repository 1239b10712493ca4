"""Reads what the stubs of the native module describe, and finds it in the module."""

import ast
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import transom
from transom import _native

STUBS = Path(transom.__file__).parent / "_native"
ONLY_TYPES = {"ImplManager", "WebviewWindowBuilderArgs", "_Array", "_Item", "_PillowImage"}
"""Names for annotations, which the native module need not have."""


OPEN = "__getattr__"
"""In a stub it says that a class has methods which are not described there."""


class Described(NamedTuple):
    """A name of the stubs with its definition."""

    path: str
    node: ast.stmt


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that hold on this platform."""
    for node in body:
        if isinstance(node, ast.If):
            holds = eval(compile(ast.Expression(node.test), "stub", "eval"), {"sys": sys})
            yield from statements(node.body if holds else node.orelse)
        else:
            yield node


def names_of(node: ast.stmt) -> list[str]:
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return [name]
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
            return [name]
        case _:
            return []


def name_of(node: ast.stmt) -> str:
    return next(iter(names_of(node)), "")


def described(body: list[ast.stmt], prefix: str = "") -> Iterator[Described]:
    for node in statements(body):
        for name in names_of(node):
            if name in ONLY_TYPES or (name.startswith("_T") and not prefix) or name == OPEN:
                continue
            yield Described(prefix + name, node)
            if isinstance(node, ast.ClassDef):
                yield from described(node.body, f"{prefix}{name}.")


def all_described() -> dict[str, ast.stmt]:
    files = sorted(STUBS.rglob("*.pyi"))
    return {d.path: d.node for f in files for d in described(ast.parse(f.read_text()).body)}


DESCRIBED = all_described()


def runtime(path: str) -> Any:
    value: Any = _native
    for part in path.split("."):
        value = inspect.getattr_static(value, part)
    return value


PUBLIC = sorted(
    f"transom.{'.'.join(file.relative_to(STUBS.parent).with_suffix('').parts)}".removesuffix(
        ".__init__"
    )
    for file in STUBS.parent.rglob("*.py")
    if not any(
        part.startswith("_") and part != "__init__.py"
        for part in file.relative_to(STUBS.parent).parts
    )
)
