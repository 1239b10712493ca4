"""Defines the function that Ray runs for each call. Ray ships it by value.

It imports nothing of this package by itself: first the replacement of the native half must be in
place, as in every worker process.
"""

from collections.abc import Callable
from typing import Any

Answer = tuple[int, list[tuple[bytes, dict[str, Any], Any]]]
"""How many frames of the call went through the relay, and the others. The last one ends it."""

BEGUN = b"b"
"""A frame for the gateway alone, about a call that has run for a moment: where it runs."""


def entry_of(setup: dict[str, Any], relay: Any) -> Callable[[dict[str, Any], Any], Answer]:
    """The function for the calls of one gateway. `setup` is that of a worker process."""

    def transom_call(head: dict[str, Any], body: Any) -> Answer:
        import sys  # noqa: PLC0415

        if "transom._native" not in sys.modules:
            import importlib.util  # noqa: PLC0415
            from pathlib import Path  # noqa: PLC0415

            file = Path(setup["boot"])
            if not file.is_file():
                found = importlib.util.find_spec("transom")
                if found is None or found.origin is None:
                    raise ModuleNotFoundError("the package `transom` is not on this node")
                file = Path(found.origin).parent / "_worker" / "boot.py"
            spec = importlib.util.spec_from_file_location("transom_boot", file)
            if spec is None or spec.loader is None:
                raise ModuleNotFoundError(f"{file} cannot be loaded")
            boot = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(boot)
            boot.provide_native()
        from transom._cluster.remote import run  # noqa: PLC0415

        return run(setup, relay, head, body)

    return transom_call
