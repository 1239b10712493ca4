"""What an error comes from: its context, its cause, the members of a group."""

from typing import cast

Kinds = tuple[type[BaseException], ...]


def only(kinds: Kinds, error: BaseException) -> bool:
    """Whether all that was raised is of these kinds, also out of a task group."""
    parts = inner(error)
    return isinstance(error, kinds) or (parts != () and all(only(kinds, it) for it in parts))


def stopped_by(kinds: Kinds, error: BaseException) -> bool:
    """Whether an error of these kinds is, or led to, this one: clean-up may raise another."""
    waiting, seen = [error], set[int]()
    while waiting:
        it = waiting.pop()
        if isinstance(it, kinds):
            return True
        if id(it) not in seen:
            seen.add(id(it))
            waiting += [*inner(it), *filter(None, (it.__context__, it.__cause__))]
    return False


def inner(error: BaseException) -> tuple[BaseException, ...]:
    """What an exception group holds."""
    if not isinstance(error, BaseExceptionGroup):
        return ()
    return cast("BaseExceptionGroup[BaseException]", error).exceptions
