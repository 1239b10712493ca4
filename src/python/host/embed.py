"""Makes an embedded interpreter ready to import the package `transom`."""

import os
import site
import sys
import sysconfig
from pathlib import Path


def prepare(native, path, home):
    """Puts `path` first, uses the virtual environment `home`, and provides the native half.

    Raises:
        RuntimeError: The package was imported before, or the environment is of no use here.
    """
    if "transom" in sys.modules:
        raise RuntimeError("`transom` was imported before the app started its own native half")
    home = home or os.environ.get("VIRTUAL_ENV")
    if home and Path(home).resolve() != Path(sys.prefix).resolve():
        use_environment(str(home))
    sys.path[:0] = [str(folder) for folder in path]
    # A library in the environment would bring a second set of actors and of Tauri.
    native.__name__ = "transom._native"
    sys.modules[native.__name__] = native


def use_environment(home):
    """Replaces the packages of the installation by those of a virtual environment."""
    packages = sysconfig.get_path("purelib", "venv", {"base": home, "platbase": home})
    if not Path(packages).is_dir():
        version = "{}.{}".format(*sys.version_info)
        raise RuntimeError(
            f"the virtual environment {home} has no folder {packages}: this app is linked to"
            f" Python {version}; make an environment with that version"
        )
    installed = {*site.getsitepackages(), site.getusersitepackages()}
    sys.path[:] = [folder for folder in sys.path if folder not in installed]
    site.addsitedir(packages)
    sys.prefix = sys.exec_prefix = home
