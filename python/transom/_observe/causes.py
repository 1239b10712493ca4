"""Inspects the class, the context, the cause and the group members of an exception.

An exception may raise when its attributes are read, `__class__` too, which `isinstance` reads. So
all of this asks Python's own classes.
"""

from types import TracebackType
from typing import Any, TypeVar, cast

from typing_extensions import TypeIs

E = TypeVar("E", bound=BaseException)
Kinds = tuple[type[BaseException], ...]

_PLAIN = cast("Any", BaseException)
_GROUP = cast("Any", BaseExceptionGroup)


def is_a(error: BaseException, kind: type[E]) -> TypeIs[E]:
    """Like `isinstance(error, kind)`, but never raises."""
    return issubclass(type(error), kind)


def only(kinds: Kinds, error: BaseException) -> bool:
    """Whether everything that was raised is of these kinds, also inside exception groups."""
    parts = inner(error)
    return issubclass(type(error), kinds) or (parts != () and all(only(kinds, it) for it in parts))


def stopped_by(kinds: Kinds, error: BaseException) -> bool:
    """Whether this error, a member of its group, or one that led to it, is of these kinds."""
    waiting, seen = [error], set[int]()
    while waiting:
        it = waiting.pop()
        if issubclass(type(it), kinds):
            return True
        if id(it) not in seen:
            seen.add(id(it))
            behind = (_PLAIN.__context__.__get__(it), _PLAIN.__cause__.__get__(it))
            waiting += [*inner(it), *(one for one in behind if one is not None)]
    return False


def note_earlier(error: BaseException, earlier: BaseException) -> None:
    """Notes that `earlier` was handled when `error` was raised, as Python does in one frame."""
    seen = {id(error), id(earlier)}
    while (behind := _PLAIN.__context__.__get__(error)) is not None:
        if id(behind) in seen:
            return
        seen.add(id(behind))
        error = behind
    if error is not earlier:
        _PLAIN.__context__.__set__(error, earlier)


def inner(error: BaseException) -> tuple[BaseException, ...]:
    """What an exception group holds."""
    return _GROUP.exceptions.__get__(error) if is_a(error, BaseExceptionGroup) else ()


def traceback_of(error: BaseException) -> TracebackType | None:
    """The traceback of an exception."""
    return _PLAIN.__traceback__.__get__(error)
