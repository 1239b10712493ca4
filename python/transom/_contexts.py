"""The context (`contextvars`) of a call: what the call sets there is not the next one's."""

import decimal
from contextvars import Context, copy_context


def own_decimal() -> None:
    """Gives the context here a decimal context of its own, if it has one already.

    A copy of a context shares its values, and this one is changed in place: what
    `decimal.getcontext().prec = 5` sets in one call would hold in all that share it.
    """
    # To look costs 0.4 µs, to make one 2.5.
    for value in copy_context().values():
        if type(value) is decimal.Context:
            decimal.setcontext(value.copy())


def fresh() -> Context:
    """A context for a call, that begins as the one here."""
    context = copy_context()
    context.run(own_decimal)
    return context


def adopt(context: Context) -> None:
    """Sets here what is set in `context`."""
    for variable, value in context.items():
        variable.set(value)
