"""Finds the installed packages that an app needs, and copies them beside its interpreter."""

import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from .errors import BuildError

OWN = "transom"
NOT_SHIPPED = {
    "_bundle", "_cli", "_pyinstaller", "_scaffold", "migrate", "_client.tgz",
}  # fmt: skip
"""What of this package is for authors of apps."""
LEFT_OUT = {"INSTALLER", "REQUESTED", "direct_url.json"}
"""What installers note about this machine."""


@dataclass(frozen=True)
class Package:
    """An installed package."""

    name: str
    version: str
    licence: str
    distribution: metadata.Distribution


def needed(requirements: Iterable[str]) -> list[Package]:
    """The installed packages that meet the requirements, and those that they need in turn.

    Raises:
        BuildError: One is missing, or is another version, or is not whole.
    """
    found: dict[str, metadata.Distribution] = {}
    done: set[tuple[str, str]] = set()
    waiting = [(it, "this app", "") for it in [OWN, *requirements]]
    while waiting:
        text, who, extra = waiting.pop()
        try:
            wanted = Requirement(text)
        except InvalidRequirement as error:
            raise BuildError(
                f"{who} requires `{text}`, which is no requirement: {error}"
            ) from error
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(wanted.name)
        distribution = found.get(name) or _installed(wanted, who)
        found[name] = distribution
        for its_extra in ("", *sorted(wanted.extras)):
            if (name, its_extra) not in done:
                done.add((name, its_extra))
                its = distribution.requires or []
                waiting.extend((it, f"`{wanted.name}`", its_extra) for it in its)
    return [_package(name, found[name]) for name in sorted(found)]


def _package(name: str, distribution: metadata.Distribution) -> Package:
    its = distribution.metadata
    words = its.get_all("License-Expression") or []
    if not words:
        classifiers = its.get_all("Classifier") or []
        words = [it.rpartition(" :: ")[2] for it in classifiers if it.startswith("License :: ")]
    if not words:
        words = [it.partition("\n")[0] for it in its.get_all("License") or []]
    licence = ", ".join(words)
    return Package(name, distribution.version, licence, distribution)


def _installed(wanted: Requirement, who: str) -> metadata.Distribution:
    try:
        distribution = metadata.distribution(wanted.name)
    except metadata.PackageNotFoundError:
        raise BuildError(
            f"{who} requires `{wanted}`, which is not installed for {sys.executable}: "
            f'run `pip install "{wanted}"`, and build with that Python'
        ) from None
    if not wanted.specifier.contains(distribution.version, prereleases=True):
        raise BuildError(
            f"{who} requires `{wanted}`, but {wanted.name} {distribution.version} is installed: "
            f'run `pip install "{wanted}"`'
        )
    return distribution


def copy(package: Package, target: Path) -> None:
    """Copies the files of a package, and what it says about itself.

    Raises:
        BuildError: It is installed in a form that has its files elsewhere.
    """
    distribution = package.distribution
    files = distribution.files or []
    editable = any(it.suffix == ".pth" or it.name.startswith("__editable__") for it in files)
    if package.name == OWN:
        _copy_own(target)
    elif not files or (editable and not _is_whole(files)):
        raise BuildError(
            f"`{package.name}` is installed in editable form, or without a list of its files: "
            "install it from a wheel (`pip install .` in its folder), and build again"
        )
    for file in files:
        own_code = package.name == OWN and ".dist-info" not in file.parts[0]
        if own_code or not _is_kept(file):
            continue
        source = Path(str(distribution.locate_file(file)))
        if not source.is_file():
            raise BuildError(
                f"`{package.name}` is not whole, {source} is missing: run "
                f"`pip install --force-reinstall {package.name}`"
            )
        to = target / file
        to.parent.mkdir(parents=True, exist_ok=True)
        if _is_record(file):
            # Without the hashes of files that are not copied, or are compiled anew.
            kept = sorted(str(it) for it in files if _is_kept(it))
            to.write_text("".join(f"{it},,\n" for it in kept))
        else:
            shutil.copy2(source, to)


def _is_record(file: PurePosixPath) -> bool:
    return file.name == "RECORD" and file.parts[0].endswith(".dist-info")


def _is_whole(files: Iterable[metadata.PackagePath]) -> bool:
    """Whether a package with a `.pth` file has code of its own, too."""
    return any(it.suffix in {".py", ".so"} and "__editable__" not in it.name for it in files)


def _is_kept(file: PurePosixPath) -> bool:
    if file.is_absolute() or ".." in file.parts or "__pycache__" in file.parts:
        return False
    return not (file.name in LEFT_OUT and file.parts[0].endswith(".dist-info"))


def _copy_own(target: Path) -> None:
    """Copies this package from where it runs, which may be a checkout."""
    here = Path(__file__).parent.parent

    def left_out(folder: str, names: list[str]) -> list[str]:
        at_the_top = Path(folder) == here
        return [
            it
            for it in names
            if it.endswith((".pyi", ".pyc"))
            or it == "__pycache__"
            or (at_the_top and it in NOT_SHIPPED)
        ]

    shutil.copytree(here, target / OWN, ignore=left_out, dirs_exist_ok=True)


def install(lock: Path, target: Path) -> list[Package]:
    """Has pip install what a file of locked requirements names, and says what that was.

    Raises:
        BuildError: There is no such file or no pip, or it fails: a wheel is missing, or has
            another hash.
    """
    if not lock.is_file():
        raise BuildError(f"there is no {lock}, which `lock` names")
    if find_spec("pip") is None:
        raise BuildError(
            f"`lock` needs pip, which {sys.executable} does not have: run "
            "`python -m ensurepip`, or `uv pip install pip`"
        )
    command = [
        sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet",
        "--no-compile", "--no-deps", "--only-binary", ":all:", "--no-warn-script-location",
        "--target", str(target), "--requirement", str(lock),
    ]  # fmt: skip
    if subprocess.run(command, check=False).returncode != 0:
        raise BuildError(
            f"pip could not install what {lock} names: see above. Only wheels are taken, those for "
            "this Python and system. Of a package that has none, lock another version, or make a "
            "wheel by `pip wheel`, and set PIP_FIND_LINKS to its folder"
        )
    shutil.rmtree(target / "bin", ignore_errors=True)
    for note in [it for name in LEFT_OUT for it in target.glob(f"*.dist-info/{name}")]:
        note.unlink()
    there = metadata.distributions(path=[str(target)])
    return sorted(
        (_package(canonicalize_name(it.metadata["Name"]), it) for it in there),
        key=lambda it: it.name,
    )
