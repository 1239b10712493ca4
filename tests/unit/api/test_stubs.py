"""Tests that the stubs of the native module match the module itself."""

import ast
import importlib
import importlib.util
import inspect
from types import ClassMethodDescriptorType
from typing import Any

from described import DESCRIBED, OPEN, PUBLIC, name_of, runtime

from transom import _native

MACRO_ONLY = {"None"}
"""A variant whose name no annotation can spell."""


def public_names(owner: Any) -> set[str]:
    kept = ("_0", "_1", "_NonExhaustive")
    return {n for n in vars(owner) if not n.startswith("_") or n in kept} - MACRO_ONLY


def stub_signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> inspect.Signature:
    """The parameters as `inspect` gives them; every default counts as `...`."""
    args, found = node.args, list[inspect.Parameter]()
    positional = [*args.posonlyargs, *args.args]
    defaults = len(positional) - len(args.defaults)
    for index, arg in enumerate(positional):
        only = index < len(args.posonlyargs)
        kind = (
            inspect.Parameter.POSITIONAL_ONLY if only else inspect.Parameter.POSITIONAL_OR_KEYWORD
        )
        default = inspect.Parameter.empty if index < defaults else ...
        found.append(inspect.Parameter(arg.arg, kind, default=default))
    if args.vararg:
        found.append(inspect.Parameter(args.vararg.arg, inspect.Parameter.VAR_POSITIONAL))
    for arg, value in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        default = inspect.Parameter.empty if value is None else ...
        found.append(inspect.Parameter(arg.arg, inspect.Parameter.KEYWORD_ONLY, default=default))
    if args.kwarg:
        found.append(inspect.Parameter(args.kwarg.arg, inspect.Parameter.VAR_KEYWORD))
    return inspect.Signature(found)


def parameters(signature: inspect.Signature) -> list[tuple[str, str, bool]]:
    """Name, kind and whether it may be left out; the owner's own parameter left out.

    `_0`, the value of a variant without names, is meant to be given by position.
    """
    empty, only = inspect.Parameter.empty, inspect.Parameter.POSITIONAL_ONLY
    rows = [
        (p.name, (only if p.name == "_0" else p.kind).name, p.default is not empty)
        for p in signature.parameters.values()
    ]
    return [row for row in rows if row[0] not in ("self", "cls", "type")]


def signature_problem(path: str, node: ast.FunctionDef | ast.AsyncFunctionDef) -> str | None:
    actual = inspect.signature(runtime(path.removesuffix(".__new__")))
    wanted = parameters(stub_signature(node))
    kinds = {p.kind for p in actual.parameters.values()}
    if inspect.Parameter.VAR_KEYWORD in kinds and wanted[-1][1] != "VAR_KEYWORD":
        # The native side takes whatever it is given and hands it on; the stub says what.
        anything = inspect.Parameter.VAR_POSITIONAL in kinds
        return None if anything or {row[1] for row in wanted} == {"KEYWORD_ONLY"} else str(actual)
    return None if wanted == parameters(actual) else f"{wanted} in the stub, {actual} at run time"


def is_property(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(isinstance(d, ast.Name) and d.id == "property" for d in node.decorator_list)


def test_the_extension_wins_over_the_folder_of_stubs() -> None:
    spec = importlib.util.find_spec("transom._native")
    assert spec is not None
    assert spec.origin is not None
    assert not spec.origin.endswith((".py", ".pyi"))


def test_what_the_stubs_describe_is_there() -> None:
    def is_there(path: str) -> bool:
        try:
            runtime(path)
        except AttributeError:
            return False
        return True

    assert [path for path in DESCRIBED if not is_there(path)] == []


def test_what_is_there_is_described() -> None:
    missing = [name for name in public_names(_native) if name not in DESCRIBED]
    for owner, node in DESCRIBED.items():
        if isinstance(node, ast.ClassDef) and OPEN not in map(name_of, node.body):
            names = (f"{owner}.{name}" for name in public_names(runtime(owner)))
            missing += [path for path in names if path not in DESCRIBED]
    assert missing == []


def test_signatures_agree() -> None:
    checked = {
        path: signature_problem(path, node)
        for path, node in DESCRIBED.items()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not is_property(node)
    }
    assert len(checked) > 150
    assert {path: problem for path, problem in checked.items() if problem} == {}


def kind_of_stub(node: ast.FunctionDef | ast.AsyncFunctionDef, in_class: bool) -> str:
    decorators = {d.id for d in node.decorator_list if isinstance(d, ast.Name)}
    for name in ("property", "staticmethod", "classmethod"):
        if name in decorators:
            return name
    return "method" if in_class else "function"


def kind_at_run_time(path: str) -> str:
    value = runtime(path)
    if isinstance(value, staticmethod | classmethod):
        return type(value).__name__
    if inspect.isdatadescriptor(value):
        return "property"
    if inspect.ismethoddescriptor(value) or inspect.isfunction(value):
        is_of_class = isinstance(value, ClassMethodDescriptorType)
        return "classmethod" if is_of_class else "method"
    return "function"


def test_kinds_agree() -> None:
    """A property is none of a method, and a static method is called on its class."""
    wrong: dict[str, tuple[str, str]] = {}
    for path, node in DESCRIBED.items():
        owner, _, name = path.rpartition(".")
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and name != "__new__":
            kinds = (kind_of_stub(node, bool(owner)), kind_at_run_time(path))
            if owner and kinds[0] != kinds[1]:
                wrong[path] = kinds
    assert wrong == {}


def test_defaults_agree() -> None:
    """A default that the stub spells is the one at run time."""
    wrong: dict[str, tuple[str, object]] = {}
    for path, node in DESCRIBED.items():
        if not isinstance(node, ast.FunctionDef) or is_property(node):
            continue
        actual = inspect.signature(runtime(path.removesuffix(".__new__"))).parameters
        positional = [*node.args.posonlyargs, *node.args.args]
        spelled = [
            *zip(reversed(positional), reversed(node.args.defaults), strict=False),
            *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True),
        ]
        for arg, default in spelled:
            if isinstance(default, ast.Constant) and default.value is not ...:
                there = actual[arg.arg].default if arg.arg in actual else inspect.Parameter.empty
                is_known = there is not ... and there is not inspect.Parameter.empty
                if is_known and there != default.value:
                    wrong[f"{path}({arg.arg})"] = (repr(default.value), there)
    assert wrong == {}


def test_public_modules_export_what_is_described() -> None:
    """What they have of the native module is in its stubs; all else has its types in Python."""
    assert {"transom", "transom.menu", "transom.plugins.dialog", "transom.testing"} <= set(PUBLIC)
    unknown: list[str] = []
    for name in PUBLIC:
        module = importlib.import_module(name)
        for exported in getattr(module, "__all__", ()):
            value = getattr(module, exported)
            native = getattr(_native, exported, None)
            if native is value and exported not in DESCRIBED:
                unknown.append(f"{name}.{exported}")
            if inspect.isfunction(value):
                given = inspect.get_annotations(value)
                parameters = [*inspect.signature(value).parameters, "return"]
                unknown += [f"{name}.{exported}({it})" for it in parameters if it not in given]
    assert unknown == []
