"""Calls commands while their cluster comes and goes. What nodes import is in `jobs`."""

from __future__ import annotations

import time

from transom.testing import InvokeError, TestWindow

SLOW = 240.0
"""Seconds. A process of Ray's may take a minute to start on a busy machine."""


async def until_served(main: TestWindow, command: str) -> None:
    """Calls until the cluster answers: what was with the lost one ends in between."""
    begun = time.monotonic()
    while True:
        try:
            assert (await main.invoke(command, {"name": "Ada"}))["text"] == "Hello Ada"
        except InvokeError as error:
            if error.code not in ("unavailable", "worker-lost") or time.monotonic() > begun + SLOW:
                raise
            continue
        return


async def until_refused(main: TestWindow, command: str) -> InvokeError:
    """Calls until the loss of the cluster is known."""
    begun = time.monotonic()
    while True:
        try:
            await main.invoke(command, {"name": "Ada"})
        except InvokeError as error:
            if error.code == "unavailable" or time.monotonic() > begun + SLOW:
                return error
