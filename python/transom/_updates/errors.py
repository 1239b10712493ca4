"""Defines what goes wrong with updates."""

from ..errors import TransomError


class UpdateError(TransomError):
    """An update cannot be made, published, found or installed. The text says what to do."""


class UntrustedError(UpdateError):
    """A file is not what was signed for this version, and is not installed."""
