"""Pages that do not come from a folder."""

from abc import ABC, abstractmethod
from collections.abc import Iterator

from ._native import AppHandle
from ._signatures import is_coroutine_function


class Assets(ABC):
    """Brings the files of the pages from wherever they are. Give one to `Context.set_assets`.

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
        """All keys and contents, for who asks for the whole. Default: none."""
        return iter(())

    def setup(self, app_handle: AppHandle, /) -> None:  # noqa: B027 - a hook, not a duty
        """Called once on the UI thread, before the app's own `setup`."""
