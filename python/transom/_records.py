"""Log records of errors, of a length that a log can bear: an error may hold all that was wrong with
300,000 rows.
"""

import logging
import traceback

LONGEST = 64 * 1024
"""Characters of a traceback, and of a message that a worker sends."""


def log_error(logger: logging.Logger, message: str, *args: object, error: BaseException) -> None:
    """As `logger.error(message, *args, exc_info=error)`, with a traceback that is cut if long."""
    if not logger.isEnabledFor(logging.ERROR):
        return
    file, line, function, _ = logger.findCaller(stacklevel=2)
    about = (type(error), error, error.__traceback__)
    record = logger.makeRecord(
        logger.name, logging.ERROR, file, line, message, args, about, function
    )
    # What is there already no formatter makes again.
    record.exc_text = trace_of(error)
    logger.handle(record)


def trace_of(error: BaseException) -> str:
    """The traceback of an error as text, without its middle if it is long."""
    return in_short("".join(traceback.format_exception(error)).rstrip("\n"))


def in_short(text: str) -> str:
    """The text without its middle, if it is long: a traceback says the most at its ends."""
    left_out = len(text) - LONGEST
    if left_out > 0:
        half = LONGEST // 2
        text = f"{text[:half]}\n… ({left_out} characters left out) …\n{text[-half:]}"
    return text
