"""The locale of an app's process: the window system speaks the user's language, and numbers, dates
and sorting stay as Python has them.

GTK would set every category from the environment, and with `LC_NUMERIC` the decimal point of C:
`strtod("1.5")` was 1.0 in a German session, in every library that reads numbers by it.
"""

import locale
from contextlib import suppress

AS_PYTHON = ("LC_NUMERIC", "LC_TIME", "LC_COLLATE", "LC_MONETARY")
"""What a Python starts with as "C", and its code counts on."""


def speak_as_the_user() -> None:
    """Takes the language of menus and dialogs from the environment, unless the app has one."""
    messages = getattr(locale, "LC_MESSAGES", None)
    if messages is not None and locale.setlocale(messages) == "C":
        # An environment may name a locale that is not installed.
        with suppress(locale.Error):
            locale.setlocale(messages, "")


def count_as_python() -> None:
    """Gives back what the program that Python is a guest of has changed."""
    for name in AS_PYTHON:
        locale.setlocale(getattr(locale, name), "C")
