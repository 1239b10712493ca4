"""Rewrites TOML files: `pyproject.toml`, `Pipfile`, and permissions in any other."""

import re
import tomllib

from .lexer import TOML, Edit, TomlItem, change, comments, edited, items
from .names import PERMISSIONS, Left, Rewritten, mentions, rewrite_features
from .requirements import NAME, OTHER, VENDORED, in_quotes, newer_python
from .sources import Sources

LISTS = re.compile(r"(?:.*-)?dependencies|dependency-groups|requires|constraints")
"""Tables and keys whose lists hold requirements."""
TABLES = re.compile(r"(?:.*-)?dependencies|packages|dev-packages")
"""Tables whose keys are names of packages."""


PYTHON: set[tuple[str, ...]] = {
    ("project", "requires-python"),
    ("tool", "poetry", "dependencies", "python"),
}


def permissions(text: str) -> str:
    """A text in quotes, with the permission or the feature of a crate that it names renamed."""
    inner = text[1:-1]
    return rewrite_features(text[0] + PERMISSIONS.get(inner, inner) + text[-1])


def rewrite_toml(text: str) -> Rewritten:
    """A file of capabilities, of Tauri's configuration, or anything else in TOML."""
    new = change(text, TOML, texts=permissions)
    return Rewritten(new, left_in(new))


def rewrite_pyproject(text: str, sources: Sources) -> Rewritten:
    """Dependencies in the forms of pip, uv, PDM, Hatch, Poetry and Pipenv, and entry points."""
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return Rewritten(text, [Left(1, f"not read: this is no valid TOML ({error})")])
    edits, seen = list[Edit](), set[tuple[str, ...]]()
    python = list[Edit]()
    for item in items(text):
        edits += edits_of(text, item, sources, seen)
        if item.path in PYTHON:
            value = text[slice(*item.value_at)]
            python.append((*item.value_at, newer_python(value)))
    if edited(text, edits) != text:
        edits += python
    new = with_source(rewrite_toml(edited(text, edits)).text, sources)
    try:
        tomllib.loads(new)
    except tomllib.TOMLDecodeError:
        return Rewritten(text, [Left(1, "not rewritten: the result would not be valid TOML")])
    return Rewritten(new, left_in(new))


def edits_of(text: str, item: TomlItem, sources: Sources, seen: set[tuple[str, ...]]) -> list[Edit]:
    """What is to be changed in one line. `seen`: the tables that have Transom already."""
    path, value = item.path, text[slice(*item.value_at)]
    group = ("project", "entry-points", "pytauri")
    if path[:2] == group[:2] and item.key and VENDORED.fullmatch(value.strip("\"'")):
        return [(*item.line_at, "")]
    if path[:3] == group and (item.table == path or item.table[:3] != group):
        return [renamed(text, item, "pytauri", "transom")]
    if path[:3] == ("tool", "uv", "sources") and re.fullmatch(NAME, path[-1]):
        return [(*item.line_at, "")]
    if item.key and any(map(LISTS.fullmatch, path)) and value.startswith("["):
        return [(*item.value_at, in_quotes(value, sources.versions))]
    return edits_of_package(text, item, sources, seen)


def edits_of_package(
    text: str, item: TomlItem, sources: Sources, seen: set[tuple[str, ...]]
) -> list[Edit]:
    """For `pytauri-wheel = "^0.8"`, in tables of Poetry's and Pipenv's."""
    table = item.table[-1] if item.table else ""
    if len(item.key) != 1 or not TABLES.fullmatch(table) or not re.fullmatch(NAME, item.key[0]):
        return []
    if item.table in seen:
        return [(*item.line_at, "")]
    seen.add(item.table)
    extras = re.search(r"\bextras\s*=\s*\[[^\]]*\]", text[slice(*item.value_at)])
    value = sources.poetry("" if extras is None else extras[0])
    return [(*item.key_at, "transom"), (*item.value_at, value)]


def with_source(text: str, sources: Sources) -> str:
    """uv asks an index for what has no source, also for what is installed."""
    place = sources.python()
    tables = {item.table[:2] for item in items(text)}
    if place is None or (("tool", "uv") not in tables and not sources.uses_uv):
        return text
    if not re.search(r"""["']transom(?:\[|>=)""", text):
        return text
    last = None
    for item in items(text):
        if item.table == ("tool", "uv", "sources"):
            last = item
            if item.key == ("transom",):
                return text
    line = f"transom = {{ {place} }}\n"
    if last is not None:
        at = last.line_at[1]
        return text[:at] + line + text[at:]
    return f"{text.rstrip()}\n\n[tool.uv.sources]\n{line}"


def renamed(text: str, item: TomlItem, old: str, new: str) -> Edit:
    """The edit that renames a part of a key."""
    start, end = item.key_at
    return start, end, re.sub(rf"\b{re.escape(old)}\b", new, text[start:end])


def left_in(text: str) -> list[Left]:
    """The lines of a TOML file that name the peer still."""
    noted = comments(text, TOML)
    return mentions(text, lambda number, _: "a comment" if number in noted else OTHER)
