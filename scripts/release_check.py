"""Does what can be done here of a release, and ends with one line for each step.

    python scripts/release_check.py [--wheel WHEEL]     default: build it

It runs in `target/release-check/venv`, which it makes with the dependency group `release`. All that
it writes is in `target/release-check`. The exit code is 1 if a step failed; none is skipped.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tarfile
import traceback
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

import check_wheel
import release_install
import release_notes
import release_readme
import release_wheel
import versions
from versions import ROOT

WORK = ROOT / "target" / "release-check"
VENV = WORK / "venv"
CLIENT = "tauri-plugin-transom-api"
Step = Callable[[], str]
"""Gives what it found. It raises what is wrong."""


class WrongError(Exception):
    """A step found something that keeps from a release."""


def demand(problems: Sequence[str]) -> None:
    """Raises what was found, if anything."""
    if problems:
        raise WrongError("\n".join(problems))


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    """Runs a command to its end, and gives what it wrote to its standard output."""
    done = subprocess.run(
        [str(it) for it in command], check=True, cwd=cwd, text=True, stdout=subprocess.PIPE
    )
    return done.stdout


class Release:
    """The files of one release, made by one step and checked by another."""

    def __init__(self, wheel: Path | None) -> None:
        self.given = wheel
        self.wheel: Path | None = None

    def steps(self) -> dict[str, Step]:
        """All steps, in order."""
        names = os.environ.get("PYTHONS", "").split() or release_install.PYTHONS
        return {
            "versions": self.versions,
            "notes": self.notes,
            "README": self.readme,
            "wheel": self.build,
            "sdist": self.sdist,
            "npm package": self.npm,
            "crate": self.crate,
            **{f"Python {it}": lambda it=it: self.install(it) for it in names},
        }

    def versions(self) -> str:
        demand(versions.problems())
        return versions.version()

    def notes(self) -> str:
        changelog = (ROOT / "CHANGELOG.md").read_text()
        entries = release_notes.entries(changelog)
        name = versions.version() if versions.version() in entries else "Unreleased"
        return f"{len(release_notes.notes(changelog, name).splitlines())} lines of [{name}]"

    def readme(self) -> str:
        """What an index shows leads to files that there are."""
        before = release_readme.README.read_text(encoding="utf-8").splitlines()
        after = release_readme.absolute("\n".join(before)).splitlines()
        changed = sum(one != other for one, other in zip(before, after, strict=True))
        return f"{changed} lines with links into the repository"

    def build(self) -> str:
        """Its contents, its tag, and what an index thinks of its description."""
        original = self.given or check_wheel.build()
        demand(check_wheel.problems(original))
        if f"-{versions.version()}-" not in original.name:
            raise WrongError(f"{original.name} is not of version {versions.version()}")
        wheel = original
        if sys.platform == "linux":
            wheel = release_wheel.retag(original, WORK / "dist")
            demand(release_wheel.problems(wheel, original))
        run(sys.executable, "-m", "twine", "check", "--strict", wheel)
        self.wheel = wheel
        return f"{wheel.name}, {wheel.stat().st_size / 1e6:.1f} MB"

    def sdist(self) -> str:
        """What pip builds where there is no wheel: it must hold the client, made by npm."""
        out = WORK / "dist"
        for old in out.glob("*.tar.gz"):
            old.unlink()
        run(VENV / "bin" / "maturin", "sdist", "--out", out)
        (sdist,) = out.glob("*.tar.gz")
        run(sys.executable, "-m", "twine", "check", "--strict", sdist)
        with tarfile.open(sdist) as archive:
            names = {it.partition("/")[2] for it in archive.getnames()}
        wanted = {"pyproject.toml", "Cargo.lock", "build.rs", "python/transom/_client.tgz"}
        demand([f"{sdist.name} lacks {it}" for it in sorted(wanted - names)])
        return f"{sdist.name}, {len(names)} files"

    def npm(self) -> str:
        """The package's files are the built client, and Node can import both entries."""
        out = WORK / "npm"
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        packed = json.loads(
            run("npm", "pack", "--json", "--pack-destination", out, cwd=ROOT / "js")
        )[0]
        files = {it["path"] for it in packed["files"]}
        allowed = ("dist/", "README.md", "LICENSE", "package.json")
        demand([f"{it} does not belong into it" for it in files if not it.startswith(allowed)])
        package = json.loads((ROOT / "js" / "package.json").read_text())
        named = {path[2:] for it in package["exports"].values() for path in it.values()}
        demand([f"{it} is missing: run `npm run build` in js" for it in named - files])
        installed = out / "node_modules"
        with tarfile.open(out / packed["filename"]) as archive:
            archive.extractall(installed, filter="data")
        (installed / "package").rename(installed / CLIENT)
        (installed / "@tauri-apps").symlink_to(ROOT / "js" / "node_modules" / "@tauri-apps")
        names = [CLIENT + it.removeprefix(".") for it in package["exports"]]
        script = f"for (const it of {names}) if (!(await import(it)).pyInvoke) throw it;"
        run("node", "--input-type=module", "-e", script, cwd=out)
        return f"{packed['filename']}, {len(files)} files"

    def crate(self) -> str:
        """It is packed, without a build: that is done when it is published."""
        run("cargo", "package", "--quiet", "--package", "transom", "--locked", "--no-verify",
            "--allow-dirty", "--target-dir", WORK / "cargo")  # fmt: skip
        (crate,) = (WORK / "cargo" / "package").glob(f"transom-{versions.version()}.crate")
        with tarfile.open(crate) as archive:
            names = {it.partition("/")[2] for it in archive.getnames()}
        sources = {str(it.relative_to(ROOT)) for it in (ROOT / "src").rglob("*") if it.is_file()}
        wanted = {*sources, "build.rs", "api-iife.js", "evaluation-iife.js", "LICENSE-MIT"}
        missing = sorted(it for it in wanted - names if "__pycache__" not in it)
        demand([f"{crate.name} lacks {it}: see `include` in Cargo.toml" for it in missing])
        return f"{crate.name}, {crate.stat().st_size / 1e6:.1f} MB"

    def install(self, version: str) -> str:
        if self.wheel is None:
            raise WrongError("there is no wheel to install")
        return release_install.try_on(version, self.wheel, WORK / f"python-{version}")


def results(steps: dict[str, Step]) -> tuple[list[str], bool]:
    """Runs all steps, and gives a line for each, and whether all were right."""
    lines: list[str] = []
    right = True
    for name, step in steps.items():
        print(f"▸ {name}", flush=True)
        try:
            lines.append(f"  ok      {name}: {step()}")
        except (WrongError, LookupError) as error:
            right = False
            lines.append(f"  FAILED  {name}: {error.args[0]}")
        except Exception as error:  # noqa: BLE001 - the other steps shall be tried too
            right = False
            traceback.print_exc()
            lines.append(f"  FAILED  {name}: {error}")
    return lines, right


def environment() -> None:
    """Makes the environment with the tools of a release, and goes on in it."""
    python = VENV / "bin" / "python"
    ready = VENV / "ready"
    project = ROOT / "pyproject.toml"
    if not ready.exists() or ready.stat().st_mtime < project.stat().st_mtime:
        venv.create(VENV, with_pip=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--upgrade", "pip>=25.1"], check=True, cwd=ROOT)
        subprocess.run([*pip, "--group", "release"], check=True, cwd=ROOT)
        ready.touch()
    if Path(sys.prefix) != VENV:
        os.execv(python, [str(python), *sys.argv])


def main() -> int:
    """Runs all steps; 1 if one failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--wheel", type=lambda it: Path(it).resolve())
    options = parser.parse_args()
    if options.wheel is not None and not options.wheel.is_file():
        parser.error(f"there is no file {options.wheel}")
    environment()
    lines, right = results(Release(options.wheel).steps())
    print("\n".join(lines))
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
