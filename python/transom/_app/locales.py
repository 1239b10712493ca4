"""Keeps the C locale of numbers, dates and sorting while GTK speaks the user's language.

GTK would set every category from the environment, and with `LC_NUMERIC` the decimal point of C:
`strtod("1.5")` was 1.0 in a German session, in every library that reads numbers by it.
"""

import locale
from contextlib import suppress

AS_PYTHON = ("LC_NUMERIC", "LC_TIME", "LC_COLLATE", "LC_MONETARY")
"""The categories that Python leaves at "C" when it starts, as its code expects."""


def speak_as_the_user() -> None:
    """Takes the language of menus and dialogs from the environment, unless the app has set one."""
    messages = getattr(locale, "LC_MESSAGES", None)
    if messages is not None and locale.setlocale(messages) == "C":
        # An environment may name a locale that is not installed.
        with suppress(locale.Error):
            locale.setlocale(messages, "")


def count_as_python() -> None:
    """Sets numbers, dates and sorting back to Python's locale, in an embedded interpreter."""
    for name in AS_PYTHON:
        locale.setlocale(getattr(locale, name), "C")
