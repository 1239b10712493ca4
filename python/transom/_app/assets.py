"""Defines `Assets`, the base class for pages that do not come from a folder."""

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Protocol

from .. import _fork
from .._commands.signatures import is_coroutine_function
from .._native import AppHandle
from .._observe.failures import report

log = logging.getLogger("transom")


class Requests(Protocol):
    """The native queue of requests for files."""

    def take(self) -> tuple[str | None, Callable[[object], None]] | None: ...


class Assets(ABC):
    """Provides the files of the pages from any source. Pass one to `Context.set_assets`.

    The methods are called on threads of the app's own, several at once; never on the UI thread,
    but for `setup`. What they raise is logged, and the asset counts as not found.
    """

    def __init_subclass__(cls) -> None:
        for name in ("get", "iter", "setup"):
            if is_coroutine_function(getattr(cls, name)):
                raise ValueError(
                    f"`{cls.__name__}.{name}` is an `async def`, which nobody would await: write a "
                    "plain `def`, which runs on a thread of the app"
                )

    @abstractmethod
    def get(self, key: str, /) -> bytes | None:
        """The content of `key`, a path such as `/index.html`; `None` when there is none.

        For `/about` Tauri asks for `/about`, `/about.html`, `/about/index.html` and
        `/index.html`, until one is there. An answer that takes over 30 s is none.
        """

    def iter(self) -> Iterator[tuple[str, bytes]]:
        """Returns all keys and contents, for callers that want all files. Default: none."""
        return iter(())

    def setup(self, app_handle: AppHandle, /) -> None:  # noqa: B027 - a hook, not a duty
        """Called once on the UI thread, before the app's own `setup`."""


def serve(assets: Assets, requests: Requests, threads: int) -> None:
    """Starts the threads that answer requests. The native side calls this."""
    for number in range(1, threads + 1):
        name = f"transom-assets-{number}"
        threading.Thread(target=_serve, args=(assets, requests), name=name, daemon=True).start()


def _serve(assets: Assets, requests: Requests) -> None:
    while (request := requests.take()) is not None:
        key, answer = request
        try:
            found = list(assets.iter()) if key is None else assets.get(key)
            if _fork.forked:
                _fork.leave()
            answer(found)
        except BaseException as error:  # noqa: BLE001
            if _fork.forked:
                _fork.leave(error)
            what = "iter()" if key is None else f"get({key!r})"
            report(log, "`%s` of the assets failed", what, error=error)
        finally:
            # Without an answer the request is told so now, not at the next one.
            del request, answer
