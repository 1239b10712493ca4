"""Cuts texts and tracebacks for the log to a bearable length.

An error may hold all that was wrong with 300,000 rows.
"""

LONGEST = 64 * 1024
"""The longest traceback, and the longest message of a worker, in characters."""


def in_short(text: str) -> str:
    """The text without its middle, if it is long, because a traceback says the most at its ends."""
    left_out = len(text) - LONGEST
    if left_out > 0:
        half = LONGEST // 2
        text = f"{text[:half]}\n… ({left_out} characters left out) …\n{text[-half:]}"
    return text
