"""Replaces the native half of the package in a worker process.

Its names can be imported, used in annotations and asked for with `isinstance`; nothing of it can be
called but what a body may hold: the id of a channel. Windows and the app are in another process.
"""

from typing import Any, NoReturn

VERSION = "worker"
IS_WORKER = True
"""Tells an app's extension module that it is loaded in a worker process."""
CRATE_VERSION = None
IS_DEV = False
RESTART_EXIT_CODE = 2147483647


class _EveryName(frozenset[str]):
    """Contains every name."""

    def __contains__(self, _name: object, /) -> bool:
        return True


PLUGINS = _EveryName()
"""The modules of all plugins can be imported here, whichever the app's build has."""


def refuse(name: str) -> NoReturn:
    raise RuntimeError(
        f"`{name}` is not there in a worker process, which has no windows and no app. Start the "
        'app under `if __name__ == "__main__":`, and use windows in commands of the host process.'
    )


def close_gate(_seconds: float, /) -> bool:
    """Does nothing: there are no calls of Tauri's to wait for at the end of the interpreter."""
    return True


class JavaScriptChannelId:
    """The id of a channel, as the page sends it."""

    PREFIX = "__CHANNEL__:"

    def __init__(self, number: int) -> None:
        self.number = number

    @classmethod
    def from_str(cls, value: str, /) -> "JavaScriptChannelId":
        digits = value.removeprefix(cls.PREFIX)
        if digits != value and digits.isascii() and digits.isdigit() and int(digits) < 1 << 32:
            return cls(int(digits))
        raise ValueError("invalid channel string")

    def channel_on(self, _webview: object, /) -> NoReturn:
        refuse("Webview")

    def __str__(self) -> str:
        return f"{self.PREFIX}{self.number}"


class _Absent(type):
    """The metaclass of classes that cannot be instantiated, with members of the same kind."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        member = _absent(f"{cls.__qualname__}.{name}")
        setattr(cls, name, member)
        return member

    def __call__(cls, *_args: Any, **_kwargs: Any) -> NoReturn:
        refuse(cls.__qualname__)


def _absent(qualname: str) -> type:
    return _Absent(qualname.rpartition(".")[2], (), {"__qualname__": qualname})


def _function(name: str) -> Any:
    def absent(*_args: Any, **_kwargs: Any) -> NoReturn:
        refuse(name)

    absent.__name__ = absent.__qualname__ = name
    return absent


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)
    value = _function(name) if name[0].islower() else _absent(name)
    globals()[name] = value
    return value
