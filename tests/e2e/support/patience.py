"""Repeats what a machine that stands still for seconds at the wrong moment can spoil."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec

P = ParamSpec("P")

TIMES = 5


def tried_again(test: Callable[P, None]) -> Callable[P, None]:
    """Decorates a test that is run again when one of its assertions fails, some times at most.

    It is for what has a limited time by design, as the end of an app has, or what shows only when
    things happen close together. No longer wait would make such a test certain, and what is broken
    fails every time.
    """

    @functools.wraps(test)
    def repeated(*args: P.args, **kwargs: P.kwargs) -> None:
        for _ in range(TIMES - 1):
            try:
                return test(*args, **kwargs)
            except AssertionError as error:
                print(f"once more, after {error}")
        return test(*args, **kwargs)

    return repeated
