"""Writes a new project: all of it, or nothing."""

import html
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

from ..migrate.requirements import Versions
from ..migrate.sources import Client, MissingClientError, Sources, origin_of_the_installed
from .catalog import LAYERS, PACKAGE, Template
from .naming import Naming, ScaffoldError

_MORE = ".more"
"""Ends the name of a file whose text is put into another one, at its line with `@more@`."""
_MARK = re.compile(r"^.*@more@.*\n", re.MULTILINE)
_PICTURES = {".png", ".ico"}


def make(template: Template, naming: Naming, folder: Path) -> Path:
    """Makes the project in `folder`, and returns where it is.

    It is written beside its place, and moved there when it is whole.

    Raises:
        ScaffoldError: There is something at its place, or it cannot be written.
    """
    place = folder / naming.package
    if os.path.lexists(place):
        raise ScaffoldError(
            f"there is a `{place}` already, which is left as it is: choose another name, or move it"
        )
    if not folder.is_dir():
        raise ScaffoldError(f"there is no folder `{folder}` to make the project in: make it first")
    draft = None
    try:
        draft = Path(tempfile.mkdtemp(prefix=f".{naming.package}-", dir=folder))
        draft.chmod(folder.stat().st_mode & 0o777)
        _write(template, naming, draft)
        if os.path.lexists(place):  # since the question above
            raise ScaffoldError(f"there is a `{place}` now, which is left as it is")
        draft.rename(place)
    except OSError as error:
        raise ScaffoldError(
            f"the project cannot be written: {error.strerror or error}: `{error.filename or place}`"
        ) from error
    finally:
        if draft is not None and draft.exists():
            shutil.rmtree(draft, ignore_errors=True)
    return place


def _write(template: Template, naming: Naming, draft: Path) -> None:
    client = _client() if template.builds_pages else None
    words = {
        **{f"@{word}@": text for word, text in template.words.items()},
        "@types@": template.types,
        "@crate@": _sources().crate(),
        "client.tgz": "" if client is None else client.name,
        # The longer ones first: they hold the shorter ones.
        "com.example.hello-app": naming.identifier,
        "hello-app": naming.slug,
        PACKAGE: naming.package,
    }
    found = dict(_files(template))
    more = {it.removesuffix(_MORE): found.pop(it) for it in list(found) if it.endswith(_MORE)}
    for name, source in found.items():
        target = draft / _renamed(name, naming)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.suffix in _PICTURES:
            shutil.copyfile(source, target)
            continue
        text = _MARK.sub(lambda _, name=name: _more(name, more), _read(source))
        target.write_text(_filled(text, words, naming.title, target.suffix), encoding="utf-8")
    if client is not None:
        vendor = draft / "frontend" / "vendor"
        vendor.mkdir()
        (vendor / client.name).write_bytes(client.data)
    write_types(template, naming, draft)


def _files(template: Template) -> Iterator[tuple[str, Path]]:
    """The place of each file in the project, and where it comes from."""
    for layer in template.layers:
        top = LAYERS / layer.source
        for source in sorted(top.rglob("*")):
            if source.is_file() and "__pycache__" not in source.parts:
                yield (Path(layer.place) / source.relative_to(top)).as_posix(), source


def _renamed(name: str, naming: Naming) -> Path:
    path = Path(*(naming.package if it == PACKAGE else it for it in Path(name).parts))
    # A file of this name in the package would hide others from git and from the wheel.
    return path.with_name(".gitignore") if path.name == "_gitignore" else path


def _more(name: str, more: Mapping[str, Path]) -> str:
    if name == "pyproject.toml" and (source := _sources().python()) is not None:
        # uv looks for packages that are installed, too. No index has this one.
        return f"\n[tool.uv.sources]\ntransom = {{ {source} }}\n"
    return _read(more[name]) if name in more else ""


def _sources() -> Sources:
    """Where the installed package came from: no index has it."""
    return Sources(
        Versions(metadata.version("transom")),
        from_index=False,
        uses_uv=False,
        origin=origin_of_the_installed(),
        crate_folder=None,
    )


def _read(source: Path) -> str:
    return source.read_text(encoding="utf-8")


def _filled(text: str, words: Mapping[str, str], title: str, ending: str) -> str:
    for word, value in words.items():
        text = text.replace(word, value)
    return text.replace("Hello App", html.escape(title) if ending == ".html" else title)


def _client() -> Client:
    try:
        return Client.installed()
    except MissingClientError as error:
        raise ScaffoldError(str(error)) from error


def write_types(template: Template, naming: Naming, draft: Path) -> None:
    """Writes what `transom types` gives for the commands of a project."""
    types = template.types.replace(PACKAGE, naming.package)
    # In a process of its own: this one may have imported a package of the same name.
    command = [sys.executable, "-m", "transom", "types", f"{naming.package}.commands", "-o", types]
    done = subprocess.run(
        command,
        cwd=draft,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ScaffoldError(f"the types of its commands cannot be written: {done.stderr.strip()}")
