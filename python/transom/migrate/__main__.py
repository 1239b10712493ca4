"""The command `python -m transom.migrate`."""

import argparse
import difflib
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from .older import told
from .project import Change, Project, uncommitted, write
from .requirements import Versions
from .sources import MissingClientError, Sources, origin_of_the_installed

DESCRIPTION = """\
Moves an app that is written for PyTauri 0.8 over to Transom. Shows what it would change, as a
unified diff, and what it would leave, with the reason. Writes only with --write.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0, or 2 when nothing can be done."""
    args = parser().parse_args(arguments)
    if (reconfigure := getattr(sys.stdout, "reconfigure", None)) is not None:
        reconfigure(errors="backslashreplace")  # for consoles that have few characters
    root = Path(args.path)
    if not root.exists():
        return fail(f"{root} is not there")
    if args.write and not args.force and (dirty := uncommitted(root)):
        some = "\n".join(f"  {it}" for it in dirty[:10])
        return fail(f"git has changes that are not committed:\n{some}\ncommit them, or use --force")
    try:
        crate = None if args.crate is None else crate_folder(Path(args.crate))
    except ValueError as error:
        return fail(str(error))
    folder = root if root.is_dir() else root.parent
    sources = Sources(
        Versions(metadata.version("transom")),
        from_index=args.index,
        uses_uv=(folder / "uv.lock").exists(),
        origin=origin_of_the_installed(),
        crate_folder=crate,
    )
    project = Project(root, sources)
    try:
        changes = list(project.changes())
    except MissingClientError as error:
        return fail(str(error))
    changed = [it for it in changes if it.after != it.before]
    for it in changed:
        sys.stdout.writelines(diff(it, folder))
    for path in project.vendored:
        print(f"new file: {path.relative_to(folder)}, which `package.json` names")
    if args.write:
        try:
            for path, client in project.vendored.items():
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(client.data)
            for it in changed:
                write(it)
        except OSError as error:
            return fail(f"not all was written, run it again when that is mended: {error}")
    if project.written_for is not None:
        print(f"\n{told(project.written_for, folder)}")
    tell(changes, changed, folder, vendored=bool(project.vendored), written=args.write)
    return 0


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    it = argparse.ArgumentParser("python -m transom.migrate", description=DESCRIPTION)
    it.add_argument("path", metavar="PATH", help="the app's folder, or one file of it")
    it.add_argument("--write", action="store_true", help="write the files")
    it.add_argument("--force", action="store_true", help="write over uncommitted changes too")
    it.add_argument(
        "--index",
        action="store_true",
        help="write versions for the public indexes, and not where the installed package came from",
    )
    it.add_argument("--crate", metavar="PATH", help="the folder of the crate, for Cargo.toml")
    return it


def crate_folder(folder: Path) -> str:
    """The folder of the crate, as `Cargo.toml` names it.

    Raises:
        ValueError: It is none.
    """
    if not (folder / "Cargo.toml").is_file():
        raise ValueError(f"--crate {folder}: there is no Cargo.toml")
    return folder.resolve().as_posix()


def diff(change: Change, folder: Path) -> list[str]:
    """The unified diff of a file."""
    name = change.path.relative_to(folder).as_posix()
    before, after = (it.splitlines(keepends=True) for it in (change.before, change.after))
    lines = difflib.unified_diff(before, after, f"a/{name}", f"b/{name}")
    return [it if it.endswith("\n") else f"{it}\n\\ No newline at end of file\n" for it in lines]


def tell(
    changes: Sequence[Change],
    changed: Sequence[Change],
    folder: Path,
    *,
    vendored: bool,
    written: bool,
) -> None:
    """Says what was left, and what was or would be done."""
    left = [(it, line) for it in changes for line in it.left]
    if left:
        print("\nLeft as it is, or to be looked at:")
    for it, line in left:
        lines = it.after.splitlines()
        text = lines[line.line - 1].strip() if line.line <= len(lines) else ""
        name = it.path.relative_to(folder).as_posix()
        print(f"  {name}:{line.line}: {text[:100]}\n    {line.reason}")
    if not changed and not vendored:
        print("\nNothing is to be changed.")
    elif written:
        print(f"\n{count(changed)} written.")
    else:
        print(f"\n{count(changed)} would be changed: --write does it.")


def count(changed: Sequence[Change]) -> str:
    return "1 file" if len(changed) == 1 else f"{len(changed)} files"


def fail(text: str) -> int:
    print(f"transom.migrate: {text}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
