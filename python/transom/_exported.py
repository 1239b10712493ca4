"""Has what a public module exports say that it is of that module, as `help` and tracebacks tell."""

from typing import Any


def claim(module: dict[str, Any]) -> None:
    """Takes the namespace of a module. What another public module has claimed stays its own.

    Classes of variants and methods follow: they are found by their class.
    """
    for name in module["__all__"]:
        value = module.get(name)
        home = str(getattr(value, "__module__", None))
        if callable(value) and home.startswith("transom.") and "._" in home:
            value.__module__ = module["__name__"]
