"""Describes the dictionaries that windows take and give: cookies, effects, the progress bar."""

from collections.abc import Sequence
from datetime import datetime
from typing import Required, TypedDict

from .._native import Effect, EffectState, ProgressBarStatus, SameSite


class Cookie(TypedDict, total=False):
    """A cookie of a page. What a page's own cookie does not say is `None`."""

    key: Required[str]
    value: Required[str]
    max_age: int | None
    """How long it is kept, in seconds."""
    expires: datetime | None
    """Until when it is kept; without a time zone in local time. `None`: until the app ends."""
    path: str | None
    domain: str | None
    secure: bool | None
    """Whether it is sent over TLS only."""
    httponly: bool | None
    """Whether scripts of the page cannot read it."""
    samesite: SameSite | None
    partitioned: bool | None


class Effects(TypedDict, total=False):
    """What the background of a window looks like, on Windows and macOS."""

    effects: Sequence[Effect]
    """The first that the platform has is taken."""
    state: EffectState
    """On macOS."""
    radius: float
    """Of the corners, on macOS."""
    color: tuple[int, int, int, int]
    """On Windows, for `Blur` and `Acrylic`."""


class ProgressBar(TypedDict, total=False):
    """The state of the progress bar, as `ProgressBarState`. What is `None` does not change."""

    status: ProgressBarStatus | None
    progress: int | None
    """Percent, 0 to 100."""
