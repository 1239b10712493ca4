"""Tests that every call which PyTauri 0.8 takes by position is taken here."""

from __future__ import annotations

import inspect
import json
from importlib import import_module
from pathlib import Path
from types import FunctionType, MethodDescriptorType, ModuleType
from typing import Any

FACTS = Path(__file__).parent / "peer_signatures.json"
SIGNATURES: dict[str, str] = json.loads(FACTS.read_text())
"""By path: how many arguments are needed and taken by position, and keywords, `?` for a default."""


def signature(path: str) -> inspect.Signature:
    """What is at a path takes this, without the object itself."""
    owner: Any = None
    names = path.split(".")
    value: Any = import_module(names[0])
    for name in names[1:]:
        if isinstance(value, ModuleType) and not hasattr(value, name):
            import_module(f"{value.__name__}.{name}")
        owner, value = value, getattr(value, name)
    found = inspect.signature(value)
    static = inspect.getattr_static(owner, names[-1]) if isinstance(owner, type) else None
    parameters = list(found.parameters.values())
    if isinstance(static, FunctionType | MethodDescriptorType):
        parameters = parameters[1:]
    return found.replace(parameters=parameters)


def problem(path: str) -> str | None:
    counts, *keywords = SIGNATURES[path].split()
    needed = {it: None for it in keywords if not it.endswith("?")}
    every = {it.removesuffix("?"): None for it in keywords}
    least, most = map(int, counts.split("-"))
    try:
        here = signature(path)
        here.bind(*[None] * least, **needed)
        here.bind(*[None] * most, **every)
    except (AttributeError, ImportError, TypeError, ValueError) as error:
        return f"{path}: {error}"
    return None


def test_every_call_by_position_is_taken() -> None:
    assert len(SIGNATURES) > 300
    assert [it for it in map(problem, SIGNATURES) if it is not None] == []
