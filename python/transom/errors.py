"""What commands raise, and what is raised in them."""


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
