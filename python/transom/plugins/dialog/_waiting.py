"""Waits for the answer of a dialog, where that is possible."""

import threading
from collections.abc import Callable
from typing import TypeVar

import anyio

from ..._app.runtime import current
from ..._loops import posting

_T = TypeVar("_T")


def check_handler(handler: object) -> None:
    """Checks the handler of a dialog.

    Raises:
        TypeError: It cannot be called.
    """
    if not callable(handler):
        raise TypeError(f"the handler of a dialog must be callable, got {type(handler).__name__}")


def check_may_block(name: str) -> None:
    """Checks that this thread may wait for a user.

    Raises:
        RuntimeError: An event loop runs on it, or it is the one that shows the dialog.
    """
    if posting.is_here():
        raise RuntimeError(
            f"`blocking_{name}` would block the event loop of this thread: write "
            f"`await ….{name}_async(…)`, or pass a handler to `{name}`"
        )
    if threading.current_thread() is threading.main_thread():
        raise RuntimeError(
            f"`blocking_{name}` on the main thread would wait for a dialog that this thread shows: "
            f"pass a handler to `{name}`"
        )


async def answer_of(ask: Callable[[Callable[[_T], object]], object]) -> _T:
    """Waits on the event loop of this task until what `ask` shows is answered.

    Cancelled, it leaves the dialog open and drops the answer.

    Raises:
        RuntimeError: The app has no portal, which brings the answer.
    """
    if current().portal is None:
        raise RuntimeError(
            "to wait for a dialog the app needs the portal of `commands.generate_handler(portal)`"
        )
    answered, answers, post = anyio.Event(), list[_T](), posting.poster()

    def settle(answer: _T) -> None:
        answers.append(answer)
        answered.set()

    # `async`, so that it waits for no plain callback of the app.
    async def handler(answer: _T) -> None:
        post(settle, answer)

    ask(handler)
    await answered.wait()
    return answers[0]
