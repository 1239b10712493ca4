"""Defines the exceptions that commands raise, and those that are raised in them.

Where Python has a class for it, that one is raised: `ValueError`, `TypeError`, `RuntimeError`,
`PermissionError`, `TimeoutError`.
"""

from typing import Any

__all__ = [
    "Cancelled",
    "ForkedError",
    "InvokeException",
    "PageBehind",
    "PageError",
    "TransomError",
    "UnawaitedError",
    "WindowClosed",
]

FORKED = (
    "this process is a fork of the app, or of one of its workers, and nothing of the app can be "
    "reached from it: give what it finds out back to its parent (by an exit code, a pipe, a "
    "`multiprocessing.Queue`), and call the app there"
)


class TransomError(Exception):
    """The base of every exception class of Transom but `Cancelled`.

    Each can be pickled and copied, so that it comes out of a process pool as it is.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        # Python's own way calls the class with `args`, which is the text alone.
        return _rebuilt, (type(self), self.args), self.__dict__


def _rebuilt(kind: type[TransomError], args: tuple[Any, ...]) -> TransomError:
    error = kind.__new__(kind)
    error.args = args
    return error


class InvokeException(TransomError):  # noqa: N818 - the name that PyTauri's users know
    """Rejects the page's promise with `value`, a text for a person. It is not logged.

    The page gets the first 65,536 characters.
    """

    def __init__(self, value: str) -> None:
        super().__init__(value)
        self.value = value


class Cancelled(BaseException):
    """The call was cancelled. Raised by `CallContext.check()` and `track()`.

    A `BaseException` and no `TransomError`, so that neither `except Exception` nor
    `except TransomError` swallows it. Let it pass.
    """


class PageError(TransomError):
    """A function of the page threw, or the page could not be asked.

    `name` is the JavaScript error's name: `TypeError`, `NotExposed`, ….
    """

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}" if name else message)
        self.name = name
        self.message = message


class WindowClosed(TransomError, RuntimeError):  # noqa: N818 - a state of the window, as Tauri names it
    """The window, or the page it showed, is gone."""


class PageBehind(TransomError, RuntimeError):  # noqa: N818 - a state of the page, as `WindowClosed` is
    """A page has not taken what it was sent, and there is no room for more on the way to it.

    Raised where nobody may wait for the page: on the thread of an event loop, in a plain callback,
    on the UI thread. Elsewhere the send waits.
    """


class ForkedError(TransomError, RuntimeError):
    """This process is a fork of the app or of a worker, which a command has made: `os.fork`, or
    `multiprocessing` with its start method `fork`. What would reach the app raises this there.
    """

    def __init__(self, text: str = FORKED, /) -> None:
        super().__init__(text)


class UnawaitedError(TransomError, TypeError):
    """A plain function returned a coroutine, or the like, which nobody awaits: nothing of what it
    was to do has run.
    """
