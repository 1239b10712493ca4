"""Reads versions as Tauri does: semantic versions, with or without a `v` before them."""

from semver import Version

from .errors import UpdateError


def parse(text: str) -> Version:
    """Reads a version.

    Raises:
        UpdateError: It is none.
    """
    try:
        return Version.parse(text.removeprefix("v"))
    except ValueError as error:
        raise UpdateError(
            f"{text!r} is no version: write it as 1.2.3, or 1.2.3-beta.1 (semantic versioning)"
        ) from error
