"""Asks the syntax tree of a Python file: what is bound in it, and why a line names the peer."""

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator

from .names import KEPT_CLIENT, PEER_CLIENT, Left, module

COMMENT = "a comment"
TEXT = "a text or a name that says nothing about modules"
ABSENT = re.compile(r"""["']pytauri[\w-]*\s*[=!~<>].*""")
EXACT = re.compile(r"""["']pytauri[\w-]*==[\w.]+["']""")


def pillow(tree: ast.Module) -> Iterator[Left]:
    """The first line that needs a package which came with the peer's."""
    for node in tree.body:
        names = [it.name for it in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if any(it.partition(".")[0] == "PIL" for it in names):
            yield Left(node.lineno, "Pillow came with PyTauri: add `pillow` to your dependencies")
            return


def dotted(node: ast.expr) -> str | None:
    """`a.b.c` as text, or `None` if it is anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (value := dotted(node.value)) is not None:
        return f"{value}.{node.attr}"
    return None


def bindings(tree: ast.Module) -> Iterator[str]:
    """The names that are bound by anything but a plain import of the peer's packages."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.ImportFrom):
            yield from (it.asname or it.name for it in node.names)
        elif isinstance(node, ast.Import):
            for it in node.names:
                if it.asname is not None:
                    yield it.asname
                elif not it.name.startswith("transom") and module(it.name) is None:
                    yield it.name.partition(".")[0]


def registries_of(tree: ast.Module) -> Iterator[str]:
    """The names that are bound to `Commands` of the peer's, as far as the file says so."""
    classes = {
        it.asname or it.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and module(node.module or "") is not None
        for it in node.names
        if it.name == "Commands"
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.annotation is not None:
            name, kind = node.arg, dotted(node.annotation)
        elif isinstance(node, ast.AnnAssign):
            name, kind = dotted(node.target), dotted(node.annotation)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            name, kind = dotted(node.targets[0]), dotted(node.value.func)
        else:
            continue
        if name is not None and kind in classes:
            yield name


def asserted(tree: ast.Module) -> Iterator[int]:
    """The `id`s of requirements that keep their names in a test: one that has to be absent, as the
    packages of the peer are one here, and one of a version that the tested code puts in.
    """
    tests = (it.test for it in ast.walk(tree) if isinstance(it, ast.Assert))
    for it in (it for test in tests for it in ast.walk(test)):
        if isinstance(it, ast.Compare):
            operands = [it.left, *it.comparators]
            for operator, *pair in zip(it.ops, operands, operands[1:], strict=False):
                if isinstance(operator, ast.NotIn) and ABSENT.fullmatch(ast.unparse(pair[0])):
                    yield id(pair[0])
                elif isinstance(operator, ast.Eq | ast.NotEq):
                    yield from (id(side) for side in pair if EXACT.fullmatch(ast.unparse(side)))


def docstrings(tree: ast.Module) -> Iterator[int]:
    """The `id`s of the constants that stand alone, as docstrings do."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield id(node.value)


def reasons(text: str, kept: set[str]) -> Callable[[int, str], str | None]:
    """Why a line still names the peer."""
    kinds = dict[int, str]()
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                kinds[line] = "a docstring"
    # A name of the app's own, such as that of a folder or of a module that stayed.
    names = {it.id for it in ast.walk(tree) if isinstance(it, ast.Name)} | kept
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and "pytauri" in token.string.lower():
            kinds[token.start[0]] = COMMENT

    def reason(number: int, line: str) -> str | None:
        if number in kinds:
            return kinds[number]
        code = re.sub(r"\bpytauri\b(?=\.)|\bas pytauri\b", "", line) if "pytauri" in names else line
        if "pytauri" not in code.lower():
            return None
        return KEPT_CLIENT if PEER_CLIENT in line else TEXT

    return reason
