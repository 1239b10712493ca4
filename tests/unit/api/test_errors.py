"""The exceptions of the package are one family, and Python's own where it has them."""

from __future__ import annotations

import ast
import builtins
import copy
import pickle
from collections.abc import Callable, Iterator

import pytest
from imports import ROOT

import transom
from transom import errors, ipc, testing
from transom.errors import TransomError

OUTSIDE = {
    "Cancelled": "a `BaseException`: `except TransomError` swallows no cancel",
    "_UnresolvedError": "never leaves its file, where it becomes a `ValueError`",
}
"""Exception classes that are no `TransomError`, and why."""

PLAIN = {
    name
    for name, it in vars(builtins).items()
    if isinstance(it, type) and issubclass(it, BaseException)
}


def family_of(roots: set[str]) -> Iterator[str]:
    """The names of the classes of the package that descend from these."""
    bases: dict[str, set[str]] = {}
    for file in (ROOT / "python" / "transom").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ClassDef):
                named = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
                bases.setdefault(node.name, set()).update(named)
    found = set(roots)
    while new := {name for name, of in bases.items() if name not in found and of & found}:
        yield from new
        found |= new


def test_every_exception_class_is_a_transom_error() -> None:
    every, ours = set(family_of(PLAIN)), set(family_of({"TransomError"}))
    assert {"TransomError", "Cancelled", "InvokeError"} <= every, "the classes were not found"
    assert every - ours == {"TransomError", *OUTSIDE}


def test_what_an_except_clause_catches() -> None:
    public = {
        name
        for module in (transom, errors, testing)
        for name in module.__all__
        for it in [getattr(module, name)]
        if isinstance(it, type) and issubclass(it, BaseException)
    }
    of_tests = {"InvokeError", "UnexpectedDialog"}
    assert public == {*errors.__all__, *of_tests}
    others = public - {"Cancelled"} - of_tests
    assert all(issubclass(getattr(errors, name), TransomError) for name in others)
    assert all(issubclass(getattr(testing, name), TransomError) for name in of_tests)
    assert not issubclass(transom.Cancelled, Exception)
    for kind in (errors.WindowClosed, errors.PageBehind, errors.ForkedError):
        assert issubclass(kind, RuntimeError)
    assert issubclass(errors.UnawaitedError, TypeError)


def test_invoke_exception_is_what_the_users_of_pytauri_know() -> None:
    assert issubclass(transom.InvokeException, Exception)
    assert transom.InvokeException is ipc.InvokeException
    for error in (transom.InvokeException("no"), transom.InvokeException(value="no")):
        assert (error.value, str(error), repr(error)) == ("no", "no", "InvokeException('no')")


@pytest.mark.parametrize(
    "error",
    [
        TransomError(),
        errors.ForkedError(),
        errors.PageError("TypeError", "x is not a function"),
        errors.PageError("", "no name"),
        errors.UnawaitedError("x"),
        errors.WindowClosed("gone"),
        testing.InvokeError("unavailable", "no room", command="add", details={"started": False}),
        transom.InvokeException(value="no"),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("copied", [lambda it: pickle.loads(pickle.dumps(it)), copy.copy])
def test_errors_can_be_pickled_and_copied(
    error: TransomError, copied: Callable[[TransomError], TransomError]
) -> None:
    error.add_note("a note")
    other = copied(error)
    assert type(other) is type(error)
    assert (str(other), other.args, vars(other)) == (str(error), error.args, vars(error))
