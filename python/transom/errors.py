"""What commands raise, and what is raised in them."""

FORKED = (
    "this process is a fork of the app, or of one of its workers, and nothing of the app can be "
    "reached from it: give what it finds out back to its parent (by an exit code, a pipe, a "
    "`multiprocessing.Queue`), and call the app there"
)


class InvokeException(Exception):  # noqa: N818 - the name that PyTauri's users know
    """Rejects the page's promise with `value`, a text for a person. It is not logged."""

    def __init__(self, value: str, /) -> None:
        super().__init__(value)
        self.value = value


class Cancelled(BaseException):
    """The call was cancelled. Raised by `CallContext.check()` and `track()`.

    A `BaseException`, so that `except Exception` does not swallow it. Let it pass.
    """


class PageError(Exception):
    """A function of the page threw, or the page could not be asked.

    `name` is the JavaScript error's name: `TypeError`, `NotExposed`, ….
    """

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}" if name else message)
        self.name = name
        self.message = message


class WindowClosed(RuntimeError):  # noqa: N818 - a state of the window, as Tauri names it
    """The window, or the page it showed, is gone."""


class ForkedError(RuntimeError):
    """This process is a fork of the app or of a worker, which a command has made: `os.fork`, or
    `multiprocessing` with its start method `fork`. What would reach the app raises this there.
    """

    def __init__(self, text: str = FORKED, /) -> None:
        super().__init__(text)
