"""What can go wrong while an app is built."""

from ..errors import TransomError


class BuildError(TransomError):
    """The app cannot be built. The text says what to do."""
