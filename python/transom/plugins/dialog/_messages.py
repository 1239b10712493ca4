"""Defines the dialogs that say something or ask for a yes or no."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict, Unpack, final

from ... import _native  # pyright: ignore[reportPrivateUsage]
from ..._native import WebviewWindow
from .. import _make
from ._waiting import answer_of, check_handler, check_may_block

if TYPE_CHECKING:
    from ... import ImplManager


class MessageDialogKind(Enum):
    """The icon of a message."""

    Info = auto()
    Warning = auto()
    Error = auto()


@final
class MessageDialogButtons:
    """The buttons of a message, such as `MessageDialogButtons.OkCancelCustom("Save", "Discard")`.

    The first button of each is the one that agrees.
    """

    @dataclass(frozen=True, slots=True)
    class Ok:
        """One button, "OK"."""

    @dataclass(frozen=True, slots=True)
    class OkCancel:
        """The buttons "OK" and "Cancel"."""

    @dataclass(frozen=True, slots=True)
    class YesNo:
        """The buttons "Yes" and "No"."""

    @dataclass(frozen=True, slots=True)
    class OkCustom:
        """One button with this text."""

        _0: str

    @dataclass(frozen=True, slots=True)
    class OkCancelCustom:
        """Two buttons with these texts."""

        _0: str
        _1: str


MessageDialogButtonsType: TypeAlias = (
    MessageDialogButtons.Ok
    | MessageDialogButtons.OkCancel
    | MessageDialogButtons.YesNo
    | MessageDialogButtons.OkCustom
    | MessageDialogButtons.OkCancelCustom
)
"""One of the `MessageDialogButtons`."""


class MessageDialogBuilderArgs(TypedDict, total=False):
    """Arguments of the dialogs of `MessageDialogBuilder`."""

    title: str
    """Default: the name of the app."""
    parent: WebviewWindow
    """The window that the dialog belongs to. GTK ignores it."""
    buttons: MessageDialogButtonsType
    """Default: `Ok`."""
    kind: MessageDialogKind
    """Default: `Info`."""


@final
class MessageDialogBuilder:
    """Shows a message. `DialogExt.message` makes it."""

    def __init__(self, manager: "ImplManager", message: str, /) -> None:
        _make.check_type("`message`", message, str)
        self._manager = manager
        self._message = message

    def show(
        self, handler: Callable[[bool], object], /, **args: Unpack[MessageDialogBuilderArgs]
    ) -> None:
        """Shows the message and returns at once.

        `handler(agreed)` is called when the user has pressed a button or closed the dialog; `True`
        for OK, Yes, and the first of custom buttons. It may be an `async def`. What it raises is
        logged.

        Raises:
            TypeError: An argument is unknown or has the wrong type.
            ValueError: A text has a NUL character.
            RuntimeError: The plugin is not registered.
        """
        check_handler(handler)
        _native.show_message(self._manager, self._message, handler, **_arguments(args))

    def blocking_show(self, /, **args: Unpack[MessageDialogBuilderArgs]) -> bool:
        """Shows the message and waits, on a thread that may: one of a plain `def` command, say.

        Returns:
            Whether the user has agreed.

        Raises:
            TypeError, ValueError: As `show` does.
            RuntimeError: An event loop runs on this thread, or it is the main thread; the plugin is
                not registered; or the app has ended.
            Cancelled: The call that this thread runs was cancelled. The dialog stays open.
        """
        check_may_block("show")
        return bool(_native.show_message(self._manager, self._message, None, **_arguments(args)))

    async def show_async(self, /, **args: Unpack[MessageDialogBuilderArgs]) -> bool:
        """Shows the message and waits for the answer, in an `async def`. Cancelled, it leaves the
        dialog open.

        Returns:
            Whether the user has agreed.

        Raises:
            TypeError, ValueError: As `show` does.
            RuntimeError: The plugin is not registered, or the app has no portal.
        """
        native = _arguments(args)
        return await answer_of(
            lambda handler: _native.show_message(self._manager, self._message, handler, **native)
        )


def _arguments(args: MessageDialogBuilderArgs) -> dict[str, Any]:
    """The arguments of the native function."""
    _make.check_keys("the dialog", args, MessageDialogBuilderArgs)
    native = dict[str, Any](args)
    kind = native.pop("kind", MessageDialogKind.Info)
    _make.check_type("`kind`", kind, MessageDialogKind)
    buttons = native.pop("buttons", MessageDialogButtons.Ok())
    if not isinstance(buttons, MessageDialogButtonsType):
        raise TypeError(f"`buttons` must be one of MessageDialogButtons, not {buttons!r}")
    texts = (getattr(buttons, name) for name in buttons.__match_args__)
    return {**native, "kind": kind.name, "buttons": [type(buttons).__name__, *texts]}
