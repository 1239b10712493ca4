"""Defines the function that Ray runs for each call. Ray ships it by value.

It imports nothing of this package by itself: first the replacement of the native half must be in
place, as in every worker process.
"""

import pickle
from collections.abc import Callable
from typing import Any

Frames = list[tuple[bytes, dict[str, Any], Any]]
Packed = bytes | tuple[bytes, Any]
"""A call or an answer, as Ray takes it. Bytes go as they are, which is ten times as fast."""

APART = 64 * 1024
"""Bodies from this size on are not copied into a message of Ray's."""

BEGUN = b"b"
"""A frame for the gateway alone, about a call that has run for a moment: where it runs."""


def packed(about: Any, body: Any, *, whole: bool = False) -> Packed:
    """A call or an answer for Ray. `whole`: in one piece, however large it is."""
    if whole or len(body) < APART:
        return pickle.dumps((about, bytes(body)), pickle.HIGHEST_PROTOCOL)
    return pickle.dumps(about, pickle.HIGHEST_PROTOCOL), pickle.PickleBuffer(body)


def unpacked(data: Packed) -> tuple[Any, Any]:
    """What `packed` has packed. A large body is where Ray has put it."""
    if isinstance(data, bytes):
        return pickle.loads(data)
    return pickle.loads(data[0]), data[1]


def packed_answer(relayed: int, frames: Frames, *, whole: bool) -> Packed:
    """The answer of a call: how many of its frames went through the relay, and the others."""
    *before, (kind, head, body) = frames
    return packed((relayed, before, kind, head), body, whole=whole)


def unpacked_answer(data: Packed) -> tuple[int, Frames]:
    """What `packed_answer` has packed. The last frame ends the call."""
    (relayed, before, kind, head), body = unpacked(data)
    return relayed, [*before, (kind, head, body)]


def entry_of(setup: dict[str, Any], relay: Any) -> Callable[[Packed], Packed]:
    """The function for the calls of one gateway. `setup` is that of a worker process."""

    def transom_call(data: Packed) -> Packed:
        import sys  # noqa: PLC0415

        if "transom._native" not in sys.modules:
            import importlib.util  # noqa: PLC0415
            from pathlib import Path  # noqa: PLC0415

            shipped = importlib.util.find_spec("transom_shipped")
            if shipped is not None and shipped.origin is not None:
                setup["shipped"] = str(Path(shipped.origin).parent)
                file = Path(setup["shipped"], "transom", "_worker", "boot.py")
            else:
                file = Path(setup["boot"])
            if not file.is_file():
                raise ModuleNotFoundError("the package `transom` is not on this node")
            spec = importlib.util.spec_from_file_location("transom_boot", file)
            if spec is None or spec.loader is None:
                raise ModuleNotFoundError(f"{file} cannot be loaded")
            boot = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(boot)
            boot.provide_native()
        from transom._cluster.remote import run  # noqa: PLC0415

        return run(setup, relay, data)

    return transom_call


def process_of(entry: Callable[[Packed], Packed]) -> type:
    """The actor that runs the calls of some keys, one after another. Ray ships it by value."""

    class TransomProcess:
        def ready(self) -> None:
            """Returns when the process is there."""

        def run(self, data: Packed) -> Packed:
            return entry(data)

    return TransomProcess
