"""Puts a new version in the place of the old one, which is kept until the new one has started."""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..._program.failing import TRIED
from ..errors import UpdateError
from ..files import copy

Verifier = Callable[[Path], None]
"""Raises if a file is not what was signed."""


@dataclass(frozen=True)
class Installation:
    """What this app was installed as: `kind` is `appimage`, `deb` or `tar`."""

    kind: str
    path: Path

    def __str__(self) -> str:
        names = {"appimage": "the AppImage", "deb": "the Debian package of", "tar": "the folder"}
        return f"{names[self.kind]} {self.path}"

    @property
    def kept(self) -> Path:
        """Where the old version is, until the new one has started."""
        return self.path.with_name(f"{self.path.name}.old")

    @classmethod
    def at(cls, path: Path) -> "Installation":
        """The AppImage, or the folder of an unpacked archive, at a path.

        Raises:
            UpdateError: There is none.
        """
        path = path.absolute()
        if path.is_dir():
            return cls("tar", path)
        if path.is_file():
            return cls("appimage", path)
        raise UpdateError(f"there is no {path} that could be replaced")

    @classmethod
    def here(cls) -> "Installation":
        """What this process runs from.

        Raises:
            UpdateError: It runs from none of them, as in development.
        """
        if (image := _app_image()) is not None:
            return cls("appimage", image)
        # The interpreter of the system is no part of an app.
        if sys.prefix not in ("/usr", "/usr/local") and _is_of_package(Path(sys.executable)):
            return cls("deb", Path(sys.executable))
        raise UpdateError(
            "this app runs from neither an AppImage nor a Debian package: install the new version "
            "by hand, or say by `into=` what it replaces"
        )

    @classmethod
    def kind_here(cls) -> str | None:
        """The kind of what this process runs from, if it runs from one of them."""
        try:
            return cls.here().kind
        except UpdateError:
            return None


@dataclass(frozen=True)
class Installed:
    """A new version in its place. `kept` is the old one, which the system keeps of no package."""

    kind: str
    path: Path
    kept: Path | None


def install(file: Path, where: Installation, check: Verifier) -> Installed:
    """Installs a file, once `check` has let it through.

    Raises:
        UpdateError: It cannot be installed. The old version is in its place.
        UntrustedError: The check has refused it.
    """
    if where.kind == "deb":
        return _install_package(file, where, check)
    try:
        staging = Path(tempfile.mkdtemp(prefix=".update-", dir=where.path.parent))
    except OSError as error:
        raise UpdateError(
            f"{where.path.parent} cannot be written ({error.strerror}): only who may write there "
            f"can replace {where.path.name}"
        ) from error
    try:
        checked = staging / file.name
        copy(file, checked)
        # Checked where nobody else can change it any more.
        check(checked)
        if where.kind == "appimage":
            _replace_file(checked, where)
        else:
            _replace_folder(checked, where)
    except OSError as error:
        raise UpdateError(f"{where.path} cannot be replaced: {error}") from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return Installed(where.kind, where.path, where.kept)


def started(into: Path | None = None) -> bool:
    """Says that the new version runs, so that the old one is not needed any more.

    Returns whether there was one. Call it when the app works: when its first page is there.

    Args:
        into: The folder that `Update.install` was given. `None`: the AppImage of this process.
    """
    os.environ.pop(TRIED, None)
    if into is not None:
        return discard(Installation.at(into))
    image = _app_image()
    return image is not None and discard(Installation("appimage", image))


def discard(where: Installation) -> bool:
    """Removes the old version, and returns whether there was one."""
    if where.kept.is_dir() and not where.kept.is_symlink():
        shutil.rmtree(where.kept, ignore_errors=True)
        return True
    try:
        where.kept.unlink()
    except OSError:
        return False
    return True


def _replace_file(file: Path, where: Installation) -> None:
    file.chmod(where.path.stat().st_mode | 0o100)
    link = file.with_name("old")
    try:
        # At every moment there is an app at the path.
        os.link(where.path, link)
    except OSError:
        shutil.copy2(where.path, link)  # a file system without links
    link.replace(where.kept)
    file.replace(where.path)


def _replace_folder(archive: Path, where: Installation) -> None:
    unpacked = archive.parent / "unpacked"
    try:
        with tarfile.open(archive) as tar:
            tar.extractall(unpacked, filter="data")
    except (tarfile.TarError, EOFError) as error:
        raise UpdateError(f"{archive.name} cannot be unpacked: {error}") from error
    inside = list(unpacked.iterdir())
    if len(inside) != 1 or not inside[0].is_dir():
        raise UpdateError(f"{archive.name} must have one folder at its top, which has the app")
    discard(where)
    where.path.rename(where.kept)
    try:
        inside[0].rename(where.path)
    except BaseException:
        where.kept.rename(where.path)
        raise


def _install_package(file: Path, where: Installation, check: Verifier) -> Installed:
    with tempfile.TemporaryDirectory(prefix="transom-update-") as folder:
        package = Path(folder, file.name)
        copy(file, package)
        check(package)
        # Unlike dpkg it refuses, before anything is changed, what lacks another package.
        command = ["apt-get", "install", "--yes", str(package)]
        if os.geteuid() != 0:
            command.insert(0, "pkexec")
        try:
            ended = subprocess.run(
                command, check=False, stdin=subprocess.DEVNULL, capture_output=True
            )
        except FileNotFoundError as error:
            raise UpdateError(
                f"there is no {command[0]}, which asks for the right to install packages: install "
                "the new version as an administrator"
            ) from error
    if ended.returncode in (126, 127) and command[0] == "pkexec":
        raise UpdateError("the package was not installed: an administrator has to allow it")
    if ended.returncode != 0:
        told = ended.stderr.decode(errors="replace").strip()[-2000:]
        raise UpdateError(f"the package was not installed: {told}")
    return Installed(where.kind, where.path, None)


def _app_image() -> Path | None:
    """The AppImage of this process, not one whose program has started it."""
    image, mounted = os.environ.get("APPIMAGE"), os.environ.get("APPDIR")
    if not image or not mounted or not Path(image).is_file():
        return None
    own = Path(sys.executable), Path(sys.prefix)
    return Path(image) if any(it.is_relative_to(mounted) for it in own) else None


def _is_of_package(program: Path) -> bool:
    if sys.platform != "linux" or not str(program).startswith(("/usr/", "/opt/")):
        return False
    try:
        asked = ["dpkg-query", "--search", str(program.resolve())]
        return subprocess.run(asked, check=False, capture_output=True).returncode == 0
    except OSError:
        return False
