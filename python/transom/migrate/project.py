"""Walks through a project, and rewrites what is in it."""

import codecs
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from . import cargo, older, pages, pyproject, python_code, requirements
from .names import CLIENT, MENTION, PEER_CLIENT, Left, Rewritten, mentions, rewrite_features
from .sources import Client, Sources

IGNORED = {"node_modules", "target", "__pycache__", "site-packages", "venv", "env", "vendor"}
"""Folders that hold what tools have made. So do those whose names begin with a dot."""
BUILT = {"dist", "build"}
"""What a bundler makes, where it is beside a `package.json`."""
KEPT_HIDDEN = {".github", ".vscode"}
LARGEST = 2 << 20
"""Bytes of a file that somebody has written."""
MOST = 32 << 20
"""Bytes of a larger one in which the peer's name is looked for."""

TOO_LARGE = "not read: it is larger than 2 MiB, so change it by hand"
NOT_UTF8 = "not read: it is no text in UTF-8; write it as one, and run this again"

LOCKS = {
    "package-lock.json": "npm install",
    "npm-shrinkwrap.json": "npm install",
    "pnpm-lock.yaml": "pnpm install",
    "yarn.lock": "yarn install",
    "bun.lock": "bun install",
    "deno.lock": "deno install",
    "Cargo.lock": "cargo update -p transom, or a build",
    "uv.lock": "uv lock",
    "poetry.lock": "poetry lock",
    "pdm.lock": "pdm lock",
    "Pipfile.lock": "pipenv lock",
    "pylock.toml": "the command that made it",
}
SCRIPTS = (
    ".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx",
    ".vue", ".svelte", ".astro", ".html", ".htm",
)  # fmt: skip
PYTHON = (".py", ".pyi", ".spec")
COMMANDS = (".sh", ".bash", ".ps1", ".bat", ".cmd", ".yml", ".yaml", ".mk")
PROSE = (".md", ".rst", ".txt", ".adoc", "")


NAMES_CLIENT = re.compile(rf"""(["'])(?:{PEER_CLIENT}|{CLIENT})\1""")
LISTS = re.compile(r".*(?:requirements|constraints).*\.(?:txt|in)")

Rewriter = Callable[[str], Rewritten]


@dataclass
class Change:
    """A file that is or would be written, and what was left in it."""

    path: Path
    before: str
    after: str
    left: list[Left] = field(default_factory=list[Left])


class Project:
    """A folder with an app, or one file of it."""

    def __init__(self, root: Path, sources: Sources) -> None:
        self.root = root
        self.vendored: dict[Path, Client] = dict[Path, Client]()
        """Where npm packages are to be put."""
        self.written_for: older.Pin | None = None
        """What says that the app is for a version of PyTauri before 0.8."""
        self._sources = sources
        self._keeps_client = False

    def changes(self) -> Iterator[Change]:
        """Each file that changes, or in which something was left."""
        self._keeps_client = not self._sources.from_index and self._client_is_in_python()
        self.written_for = older.oldest(self._pins())
        for path in files(self.root):
            text = read(path)
            if text is None:
                if (unread := self._unread(path)) is not None:
                    yield unread
                continue
            if not (MENTION.search(text) or path.name == "package.json"):
                continue
            done = self._rewrite(path, text)
            if done.text != text or done.left:
                yield Change(path, text, done.text, sorted(done.left, key=lambda it: it.line))

    def _unread(self, path: Path) -> Change | None:
        """A file that would be rewritten, if it could be read."""
        if isinstance(self._rewriter(path), str):
            return None
        try:
            with path.open("rb") as file:
                data = file.read(MOST)
        except OSError as error:
            return Change(path, "", "", [Left(1, f"not read: {error.strerror}")])
        wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        text = data.decode("utf-16" if wide else "latin-1", errors="replace")
        why = TOO_LARGE if len(data) > LARGEST else NOT_UTF8
        return Change(path, text, text, left) if (left := first(text, why)) else None

    def _rewrite(self, path: Path, text: str) -> Rewritten:
        found = self._rewriter(path)
        return Rewritten(text, first(text, found)) if isinstance(found, str) else found(text)

    def _rewriter(self, path: Path) -> Rewriter | str:
        """What rewrites a file, or the reason why nothing does."""
        name, sources = path.name, self._sources
        if name in LOCKS:
            return f"a lock file, which its tool writes: run {LOCKS[name]}"
        if LISTS.fullmatch(name):
            return lambda it: requirements.rewrite_list(it, sources.versions)
        by_name: dict[str, Rewriter] = {
            "Cargo.toml": lambda it: cargo.rewrite_cargo(it, sources),
            "Pipfile": lambda it: pyproject.rewrite_pyproject(it, sources),
            "package.json": lambda it: pages.rewrite_package(it, lambda: self._client(path.parent)),
            "pyproject.toml": lambda it: pyproject.rewrite_pyproject(it, sources),
            "setup.cfg": lambda it: requirements.rewrite_ini(it, sources.versions),
        }
        by_end: dict[str, Rewriter | str] = {
            **dict.fromkeys(PROSE, "a text for people"),
            **dict.fromkeys(SCRIPTS, self._rewrite_script(path.suffix.lower())),
            **dict.fromkeys((".json", ".json5", ".jsonc"), pages.rewrite_json),
            **dict.fromkeys(
                PYTHON,
                lambda it: python_code.rewrite(
                    it,
                    sources.versions,
                    renames_client=sources.from_index,
                    registers=self.written_for is not None and not self.written_for.of_page,
                ),
            ),
            **dict.fromkeys(COMMANDS, rewrite_commands),
            ".ipynb": "a notebook: change its cells by hand",
            ".rs": cargo.rewrite_rust,
            ".toml": pyproject.rewrite_toml,
        }
        other = by_end.get(path.suffix.lower(), "a kind of file that is not rewritten")
        return by_name.get(name, other)

    def _rewrite_script(self, end: str) -> Rewriter:
        return lambda it: pages.rewrite_script(it, end, keeps_client=self._keeps_client)

    def _client_is_in_python(self) -> bool:
        """Whether Python code, and no `package.json`, says where npm finds the page's package. What
        is written there is no path beside the file, so ours cannot be named.
        """
        names = [
            path.name
            for path in files(self.root)
            if path.suffix in PYTHON or path.name == "package.json"
            if NAMES_CLIENT.search(read(path) or "")
        ]
        return bool(names) and "package.json" not in names

    def _pins(self) -> Iterator[older.Pin]:
        """What allows versions before 0.8 only; lock files count where nothing else does."""
        found = [
            (path, text)
            for path in files(self.root)
            if names_versions(path.name)
            if (text := read(path))
        ]
        for locks in (False, True):
            of = [older.pins(*it) for it in found if (it[0].name in LOCKS) is locks]
            if kept := [pin for pins in of for pin in pins]:
                yield from kept
                return

    def _client(self, folder: Path) -> str:
        if self._sources.from_index:
            return self._sources.versions.caret()
        client = Client.installed()
        path = folder / "vendor" / client.name
        if not path.exists() or path.read_bytes() != client.data:
            self.vendored[path] = client
        return f"file:vendor/{client.name}"


def names_versions(name: str) -> bool:
    """Whether a file of this name may say which version of PyTauri an app is for."""
    manifests = {"Cargo.toml", "Pipfile", "package.json", "pyproject.toml", "setup.cfg", "setup.py"}
    return name in manifests or name in LOCKS or LISTS.fullmatch(name) is not None


def rewrite_commands(text: str) -> Rewritten:
    """What holds command lines, such as scripts and workflows."""
    new = rewrite_features(text)
    return Rewritten(new, mentions(new, lambda _, __: "a command, which is not rewritten"))


def first(text: str, reason: str) -> list[Left]:
    """The first line that names the peer, for all of the file."""
    found = MENTION.search(text)
    return [] if found is None else [Left(text.count("\n", 0, found.start()) + 1, reason)]


def files(root: Path) -> Iterator[Path]:
    """The files that somebody has written, in the order of their names."""
    if root.is_file():
        yield root
        return
    for folder, folders, names in os.walk(root):
        here = Path(folder)
        folders[:] = sorted(it for it in folders if is_own(here / it))
        for name in sorted(names):
            path = here / name
            if path.is_file() and not path.is_symlink():
                yield path


def is_own(folder: Path) -> bool:
    """Whether a folder holds what somebody has written, and no tool."""
    name = folder.name
    if name in BUILT and (folder.parent / "package.json").exists():
        return False
    if name in IGNORED or (name.startswith(".") and name not in KEPT_HIDDEN):
        return False
    # Environments of any name, and what the Tauri CLI makes.
    return not (folder / "pyvenv.cfg").exists() and not (
        name == "schemas" and folder.parent.name == "gen"
    )


def read(path: Path) -> str | None:
    """The text of a file, with the ends of its lines as they are, or `None` if it holds none."""
    try:
        if path.stat().st_size > LARGEST and path.name not in LOCKS:
            return None
        data = path.read_bytes()
        return None if b"\0" in data else data.decode()
    except (OSError, UnicodeDecodeError):
        return None


def write(change: Change) -> None:
    """Writes the new text."""
    change.path.write_bytes(change.after.encode())


def uncommitted(root: Path) -> list[str]:
    """The files below a folder that git would lose if they were overwritten."""
    folder = root if root.is_dir() else root.parent
    command = ["git", "-C", str(folder), "status", "--porcelain", "--", str(root.resolve())]
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, encoding="utf-8", errors="replace"
        )
    except FileNotFoundError:
        return []
    return done.stdout.splitlines() if done.returncode == 0 else []
