"""Tests from which level on Rust's records reach Python's `logging`."""

import logging
from collections.abc import Iterator

import pytest

from transom._observe import logs


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    before = (logging.root.level, logs.log.level)
    yield
    logging.root.setLevel(before[0])
    logs.log.setLevel(before[1])


@pytest.mark.parametrize(
    ("root", "own", "expected"),
    [
        (logging.WARNING, logging.NOTSET, logging.WARNING),
        (logging.INFO, logging.NOTSET, logging.INFO),
        # The lines of each call are for whoever asks for them by name.
        (logging.DEBUG, logging.NOTSET, logging.INFO),
        (logs.TRACE, logging.NOTSET, logging.INFO),
        (logging.WARNING, logging.DEBUG, logging.DEBUG),
        (logging.DEBUG, logging.ERROR, logging.ERROR),
        (logging.DEBUG, logs.TRACE, logs.TRACE),
    ],
)
def test_lines_of_each_call_come_only_if_the_logger_has_a_level(
    root: int, own: int, expected: int
) -> None:
    logging.root.setLevel(root)
    logs.log.setLevel(own)
    assert logs._level() == expected
