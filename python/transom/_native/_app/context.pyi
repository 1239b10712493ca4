"""Describes `Context`: an app's configuration, pages and permissions, read from a folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, final

from ..._app.assets import Assets

@final
class Context:
    """Configuration, assets and permissions of an app, as `context_factory` makes them.

    `Builder.build` consumes it; a second use raises `RuntimeError("Already consumed")`.
    """

    def set_assets(self, assets: Assets, /) -> None:
        """Take the pages from `assets` in the place of `build.frontendDist`.

        A Content-Security-Policy of the configuration holds for them too.

        Raises:
            RuntimeError: The app is a crate of its own, which has its pages from its build.
        """

def context_factory(
    src_tauri_dir: Path = ...,
    /,
    *,
    tauri_config: str | bytes | Mapping[str, Any] | None = None,
    dev: bool | None = None,
) -> Context:
    """Make a `Context` from the folder of an app's configuration, without a compiler.

    Read are `tauri.conf.json`, `tauri.conf.json5` or `Tauri.toml` (the first there is), the file of
    the platform (such as `tauri.linux.conf.json`), every `.json`, `.json5` and `.toml` file below
    `capabilities/`, and the icon. The pages of a `build.frontendDist` folder are read from disk at
    every request, and only from inside that folder.

    Args:
        src_tauri_dir: An absolute path, usually `Path(__file__).resolve().parent`. An app that is a
            crate of its own leaves it out, or gives what arguments the crate takes.
        tauri_config: A JSON Merge Patch over the files: a mapping, or JSON text. Arrays are
            replaced, `None` removes. With at least `identifier` in it no file is needed.
        dev: Take the pages from `build.devUrl`, where that is set. The default, `None`: if the
            environment has `TRANSOM_DEV=1`.

    Raises:
        ValueError: Something in the folder or the patch is wrong; the text names the file, the
            value and what to do.
        TypeError: `tauri_config` is neither text nor a mapping; or there is no folder, and no crate
            of the app's own is loaded.

    What is allowed but hardly meant (a capability for a window that the configuration does not
    have, permissions of plugins that are not built in, a frontend that is not there) is a warning
    of the logger `transom`.
    """
