"""Describes the constants of this build: versions and platform."""

from typing import Final

VERSION: Final[str]
"""The version of Tauri, such as `"2.11.6"`."""

CRATE_VERSION: Final[str]
"""The version of the crate `transom`, which must be that of the package."""

IS_DEV: Final[bool]
"""Whether Tauri was built for development; never so in a wheel."""

RESTART_EXIT_CODE: Final[int]
"""The exit code by which Tauri asks for a restart: 2147483647."""

def webview_version() -> str:
    """Return the version of the system's web view.

    Raises:
        RuntimeError: It cannot be found out.
    """
