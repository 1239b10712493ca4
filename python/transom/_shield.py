"""Blocks of clean-up that a cancel does not cut: behind `CallContext.shield`."""

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar

from anyio import CancelScope, current_time

from ._interrupt import here

_shielded: ContextVar[bool] = ContextVar("transom_shielded", default=False)


def is_shielded() -> bool:
    """Whether this is inside a shield. Tasks that were started inside one are."""
    return _shielded.get()


@contextmanager
def shielded(timeout: float) -> Generator[None]:
    """See `CallContext.shield`."""
    with _way(timeout):
        token = _shielded.set(True)
        try:
            yield
        finally:
            _shielded.reset(token)


def _way(timeout: float) -> AbstractContextManager[object]:
    if here.interrupt is not None:
        return here.interrupt.shield()
    if here.call is not None:
        return nullcontext()
    try:
        deadline = current_time() + timeout
    except RuntimeError:  # no event loop: a thread that the command has started
        return nullcontext()
    return CancelScope(shield=True, deadline=deadline)
