"""Protects blocks of clean-up code from cancels; implements `CallContext.shield`."""

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar

from anyio import CancelScope, current_time

from .interrupt import here

_shielded: ContextVar[bool] = ContextVar("transom_shielded", default=False)


def is_shielded() -> bool:
    """Whether this code is inside a shield. That includes tasks that were started inside one."""
    return _shielded.get()


@contextmanager
def shielded(timeout: float) -> Generator[None]:
    """Protects a block; see `CallContext.shield`."""
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
