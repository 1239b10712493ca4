"""The plugin `notification`, which shows notifications of the system."""

from typing import TypeAlias, TypedDict, Unpack, final

from .. import ImplManager, _native  # pyright: ignore[reportPrivateUsage]
from ..plugin import Plugin
from . import _make

__all__ = [
    "ImplNotificationExt",
    "NotificationBuilder",
    "NotificationBuilderArgs",
    "NotificationExt",
    "init",
]

_make.need("notification")

ImplNotificationExt: TypeAlias = ImplManager
"""What `NotificationExt.builder` takes."""


def init() -> Plugin:
    """Makes the plugin, to be registered once."""
    return _make.make("notification")


class NotificationBuilderArgs(TypedDict, total=False):
    """Arguments of `NotificationBuilder.show`. Desktops show title, body and icon, play the sound,
    and ignore the others.
    """

    id: int
    channel_id: str
    title: str
    """Default: the product name of the configuration."""
    body: str
    large_body: str
    summary: str
    action_type_id: str
    group: str
    group_summary: bool
    sound: str
    inbox_line: str
    icon: str
    """The name of an icon of the theme, or the path of a file."""
    large_icon: str
    icon_color: str
    ongoing: bool
    auto_cancel: bool
    silent: bool


@final
class NotificationBuilder:
    """Shows notifications. `NotificationExt.builder` makes it."""

    def __init__(self, manager: ImplNotificationExt, /) -> None:
        self._manager = manager

    def show(self, /, **args: Unpack[NotificationBuilderArgs]) -> None:
        """Hands a notification to the system, which may show it.

        Raises:
            TypeError: An argument is unknown or has the wrong type.
            ValueError: A text has a NUL character.
            RuntimeError: The plugin is not registered, or the system refuses.
        """
        _make.check_keys("`show`", args, NotificationBuilderArgs)
        absent = dict.fromkeys(NotificationBuilderArgs.__annotations__)
        _native.show_notification(self._manager, {**absent, **args})


@final
class NotificationExt:
    """Makes builders of notifications."""

    @staticmethod
    def builder(slf: ImplNotificationExt, /) -> NotificationBuilder:
        """A builder for the app of a manager."""
        return NotificationBuilder(slf)
