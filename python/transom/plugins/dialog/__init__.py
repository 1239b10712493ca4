"""The plugin `dialog`: messages, questions, and dialogs to pick files.

Each dialog has three forms. `show(handler)` returns at once and calls the handler, a plain function
or an `async def`, off the UI thread. `await show_async()` is for an `async def`. `blocking_show()`
is for threads that may wait, such as those of plain commands.
"""

from typing import TypeAlias, final

from ... import ImplManager
from ..._exported import claim as _claim
from ...plugin import Plugin
from .. import _make

_make.need("dialog")

from ._files import FileDialogBuilder, FileDialogBuilderArgs, FilePath  # noqa: E402
from ._messages import (  # noqa: E402
    MessageDialogBuilder,
    MessageDialogBuilderArgs,
    MessageDialogButtons,
    MessageDialogButtonsType,
    MessageDialogKind,
)

__all__ = [
    "DialogExt",
    "FileDialogBuilder",
    "FileDialogBuilderArgs",
    "FilePath",
    "ImplDialogExt",
    "MessageDialogBuilder",
    "MessageDialogBuilderArgs",
    "MessageDialogButtons",
    "MessageDialogButtonsType",
    "MessageDialogKind",
    "init",
]

ImplDialogExt: TypeAlias = ImplManager
"""What the functions of `DialogExt` take as their first argument."""


def init() -> Plugin:
    """Makes the plugin, to be registered once."""
    return _make.make("dialog")


@final
class DialogExt:
    """Makes dialogs."""

    @staticmethod
    def message(slf: ImplDialogExt, message: str, /) -> MessageDialogBuilder:
        """A dialog that says something or asks for a yes or no.

        Raises:
            TypeError: `message` is not a text.
        """
        return MessageDialogBuilder(slf, message)

    @staticmethod
    def file(slf: ImplDialogExt, /) -> FileDialogBuilder:
        """A dialog in which the user picks files or folders."""
        return FileDialogBuilder(slf)


_claim(globals())
