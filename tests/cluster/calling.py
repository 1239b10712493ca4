"""Calls commands while their cluster comes and goes. What nodes import is in `jobs`."""

from __future__ import annotations

import time
from typing import Any

import anyio
import pytest
from jobs import SLOW

from transom.testing import InvokeError, TestWindow

PAUSE = 0.5
"""Seconds between two calls that are refused at once."""


async def failure(main: TestWindow, command: str, *body: Any) -> InvokeError:
    """Calls until it fails for another reason than that the cluster cannot be used yet."""
    begun = time.monotonic()
    while True:
        with pytest.raises(InvokeError) as caught:
            await main.invoke(command, *body)
        if "cannot be used" not in caught.value.message or time.monotonic() > begun + SLOW:
            return caught.value
        await anyio.sleep(PAUSE)


async def until_served(main: TestWindow, command: str) -> None:
    """Calls until the cluster answers: what was with the lost one ends in between."""
    begun = time.monotonic()
    while True:
        try:
            assert (await main.invoke(command, {"name": "Ada"}))["text"] == "Hello Ada"
        except InvokeError as error:
            if error.code not in ("unavailable", "worker-lost") or time.monotonic() > begun + SLOW:
                raise
            await anyio.sleep(PAUSE)
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
