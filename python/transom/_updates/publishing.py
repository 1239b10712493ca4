"""Lays out the folder that a web server gives out.

    latest.json             what apps ask for, written last
    1.2.0/manifest.json     the same of each version
    1.2.0/app_amd64.deb     its files, and their signatures
    1.2.0/app_amd64.deb.sig

A version's files are written once and stay.
"""

import filecmp
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlsplit

from . import manifest, signatures, targets, versions
from .errors import UpdateError
from .files import copy, umask, write
from .manifest import Manifest, Platform

LATEST = "latest.json"


@dataclass(frozen=True)
class Signed:
    """A file with its signature, which was verified."""

    path: Path
    signature: str
    version: str
    target: targets.Target


def signed(path: Path, public_key: str, system: str | None = None) -> Signed:
    """A file to be published.

    Raises:
        UpdateError: It is not there, is not signed, or is for a system that nothing says.
        UntrustedError: The signature does not verify.
    """
    signature = signature_of(path)
    version = signatures.verify(path, signature, public_key)
    return Signed(path, signature, version, targets.target_of(path.name, system))


def signature_of(path: Path) -> str:
    """The signature beside a file.

    Raises:
        UpdateError: The file is not there, or is not signed.
    """
    if not path.is_file():
        raise UpdateError(f"there is no file {path}")
    try:
        return signatures.signature_file(path).read_text(encoding="ascii").strip()
    except FileNotFoundError as error:
        raise UpdateError(f"{path} is not signed: run `transom updates sign {path}`") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UpdateError(f"{signatures.signature_file(path)} cannot be read: {error}") from error


def publish(
    folder: Path,
    files: Sequence[Signed],
    *,
    url: str,
    notes: str | None = None,
    force: bool = False,
) -> Manifest:
    """Adds files of one version to a folder that is at `url` on the web.

    A file for another system may join the newest version later.

    Args:
        folder: Is made if it is not there.
        files: Signed for one version, each for another target.
        url: Where `latest.json` is, without its name.
        notes: What has changed. `None`: what was said for this version before.
        force: Allow a version that is not newer than the published one.

    Raises:
        UpdateError: The folder is as it was.
    """
    if urlsplit(url).scheme != "https" or not urlsplit(url).netloc:
        raise UpdateError(
            f"apps take updates by https alone, not from {url!r}: give --url https://…"
        )
    version = _one_version(files)
    latest = manifest.read(folder / LATEST)
    place = folder / version
    before = manifest.read(place / "manifest.json")
    _check_newer(version, latest, before, files, force)
    found = Manifest(
        version=version,
        notes=notes if notes is not None else (before.notes if before else None),
        pub_date=datetime.now(UTC).replace(microsecond=0),
        platforms={**(before.platforms if before else {}), **_platforms(files, before, url)},
    )
    added = _add(folder, place, files)
    try:
        write(place / "manifest.json", found.to_bytes())
        write(folder / LATEST, found.to_bytes())
    except BaseException:
        _take_back(place, added, before)
        raise
    return found


def _one_version(files: Sequence[Signed]) -> str:
    if not files:
        raise UpdateError("there is nothing to publish: name the signed files")
    first = files[0]
    by_key = dict[str, Path]()
    for file in files:
        if file.version != first.version:
            raise UpdateError(
                f"{first.path.name} is signed as {first.version} and {file.path.name} as "
                f"{file.version}: publish one version at a time"
            )
        other = by_key.setdefault(file.target.key, file.path)
        if other != file.path:
            raise UpdateError(f"{other} and {file.path} are both for {file.target.key}")
    return str(versions.parse(first.version))


def _check_newer(
    version: str,
    latest: Manifest | None,
    before: Manifest | None,
    files: Sequence[Signed],
    force: bool,
) -> None:
    """Refuses what apps would not install, but for files that the newest version lacks."""
    if latest is None or force:
        return
    order = versions.parse(version).compare(versions.parse(latest.version))
    there = before.platforms.keys() if before else set[str]()
    joins = order == 0 and before is not None and not any(it.target.key in there for it in files)
    if order <= 0 and not joins:
        raise UpdateError(
            f"{version} is not newer than {latest.version}, which is published: raise the version, "
            "or give --force"
        )


def _platforms(files: Sequence[Signed], before: Manifest | None, url: str) -> dict[str, Platform]:
    """The entries of a manifest: one for each target, and one for each system."""
    entries = dict[str, Platform]()
    for file in files:
        path = f"{quote(str(versions.parse(file.version)))}/{quote(file.path.name)}"
        address = f"{url.rstrip('/')}/{path}"
        entries[file.target.key] = Platform(url=address, signature=file.signature)
    every = {**(before.platforms if before else {}), **entries}
    for system in {it.target.system for it in files}:
        # Tauri's updater looks here when it does not know how the app was installed.
        kinds = [it for it in targets.PREFERRED if f"{system}-{it}" in every]
        entries[system] = every[f"{system}-{kinds[0]}"]
    return entries


def _add(folder: Path, place: Path, files: Sequence[Signed]) -> list[Path]:
    """Copies all files, then moves them to their place, and returns those that are new there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".publish-", dir=folder))
    except OSError as error:
        raise UpdateError(f"{folder} cannot be written: {error.strerror}") from error
    moved = list[Path]()
    try:
        for file in files:
            _check_same(file, place / file.path.name)
            copy(file.path, staging / file.path.name)
            write(signatures.signature_file(staging / file.path.name), file.signature.encode())
        place.mkdir(exist_ok=True)
        place.chmod(0o777 & ~umask())
        for path in sorted(staging.iterdir()):
            target = place / path.name
            if not target.exists():
                path.rename(target)
                moved.append(target)
    except BaseException as error:
        _remove(place, moved)
        if isinstance(error, OSError):
            raise UpdateError(f"{place} cannot be written: {error.strerror}") from error
        raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return moved


def _check_same(file: Signed, there: Path) -> None:
    """A file that was published stays as it is: apps may be loading it."""
    if not there.exists():
        return
    kept = signatures.signature_file(there)
    if not filecmp.cmp(there, file.path, shallow=False) or not kept.exists():
        raise UpdateError(
            f"{there} is published with another content, which stays: raise the version"
        )


def _remove(place: Path, added: Sequence[Path]) -> None:
    """Removes files from a version's folder, and the folder if nothing else is in it."""
    for path in added:
        path.unlink(missing_ok=True)
    with suppress(OSError):
        place.rmdir()


def _take_back(place: Path, added: Sequence[Path], before: Manifest | None) -> None:
    """Leaves a version's folder as it was. What apps read, `latest.json`, has not changed."""
    with suppress(OSError, UpdateError):
        if before is None:
            (place / "manifest.json").unlink(missing_ok=True)
        else:
            write(place / "manifest.json", before.to_bytes())
    _remove(place, added)
