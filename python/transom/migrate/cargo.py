"""Rewrites `Cargo.toml` and Rust files of an app with a crate of its own."""

import re
import tomllib
from typing import Any, cast

from .lexer import RUST, TOML, Edit, TomlItem, change, comments, edited, items
from .names import CRATES, Left, Rewritten, mentions, rewrite_features
from .pyproject import left_in, renamed
from .sources import Sources

PYO3 = "0.30.1"
"""The version of PyO3 that Transom is built with. A program can hold one of them only."""
CRATE_NAMES = {name.replace("_", "-") for name in CRATES}
NOTIFICATION = "pytauri-plugin-notification"
"""A crate of its own before 0.6, which made the Python module of the plugin."""
PYO3_VERSION = re.compile(r"""(["'])[\^=~]?\s*0\.\d+(?:\.\d+)?\1""")
DEPENDENCY = re.compile(r"""(["']dep:)(?:tauri-plugin-)?pytauri(?=["'])""")
Seen = dict[tuple[str, ...], str]
"""The crate of the peer's that becomes `transom`, by table. Another one of the table goes."""
PYTHON_MAIN = "python-main"
"""The feature for apps whose `main` is in Python, which are all of the peer's."""
FEATURES = re.compile(r"(?m)^(\s*features\s*=\s*)(\[[^\]]*\])")
OLD_SOURCE = {"version", "path", "git", "branch", "tag", "rev", "registry"}


def rewrite_cargo(text: str, sources: Sources) -> Rewritten:
    """The manifest, with the crate `transom` in place of the peer's."""
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return Rewritten(text, [Left(1, f"not read: this is no valid TOML ({error})")])
    edits, seen = list[Edit](), Seen()
    for item in items(text):
        edits += edits_of(text, item, sources, seen)
    new = change(edited(text, edits), TOML, texts=rewrite_features)
    try:
        parsed = tomllib.loads(new)
    except tomllib.TOMLDecodeError:
        return Rewritten(text, [Left(1, "not rewritten: the result would not be valid TOML")])
    left = left_in(new)
    if new != text and sources.crate_is_unknown and "transom" in str(parsed):
        found = re.search(r"(?m)^(?:transom\b|\[.*\btransom\])", new)
        line = 1 if found is None else new.count("\n", 0, found.start()) + 1
        why = "the crate is on no index yet: give its folder with `--crate PATH`"
        left.append(Left(line, why))
    if NOTIFICATION in text and NOTIFICATION not in new and "plugin-notification" not in new:
        line = new.count("\n", 0, new.find("transom")) + 1
        why = f"`{NOTIFICATION}` is a feature of `transom`: add `plugin-notification` to them"
        left.append(Left(line, why))
    return Rewritten(new, left)


def edits_of(text: str, item: TomlItem, sources: Sources, seen: Seen) -> list[Edit]:
    """What is to be changed in one line."""
    path, value = item.path, text[slice(*item.value_at)]
    where = next((i for i, it in enumerate(path) if it.endswith("dependencies")), len(path))
    name, rest = path[where + 1 : where + 2], path[where + 2 :]
    if item.table[:1] == ("features",) and item.key:
        return [(*item.value_at, DEPENDENCY.sub(r"\1transom", value))]
    if name == ("pyo3",) and item.key and rest in {(), ("version",)}:
        return [(*item.value_at, PYO3_VERSION.sub(rf"\g<1>{PYO3}\1", value, count=1))]
    if name == (NOTIFICATION,):
        return [(*item.line_at, "")]
    if name and name[0] in CRATE_NAMES:
        return edits_of_crate(text, item, where, sources, seen)
    return []


def edits_of_crate(
    text: str, item: TomlItem, where: int, sources: Sources, seen: Seen
) -> list[Edit]:
    """For a line about a crate of the peer's. `where`: the place of `dependencies` in its path."""
    table, name, rest = item.path[: where + 1], item.path[where + 1], item.path[where + 2 :]
    key = renamed(text, item, name, "transom")
    if seen.setdefault(table, name) != name:
        return [(*item.line_at, "")]
    if item.table == (*table, name) and rest:
        if rest == ("features",):
            return [(*item.value_at, with_python_main(text[slice(*item.value_at)]))]
        return [(*item.line_at, "")] if rest[0] in OLD_SOURCE else []
    if rest:  # `pytauri.workspace = true`
        return [key]
    if item.key:
        return [key, (*item.value_at, dependency(text[slice(*item.value_at)], sources))]
    end = item.line_at[1]
    lines = sources.crate().replace(", ", "\n") + "\n"
    if FEATURES.search(text[end:].partition("\n[")[0]) is None:
        lines += f"features = {with_python_main('[]')}\n"
    return [key, (end, end, lines)]


def with_python_main(features: str) -> str:
    """A list of features, with that for apps whose `main` is in Python."""
    if PYTHON_MAIN in features:
        return features
    rest = features.removeprefix("[")
    if rest.strip() == "]":
        return f'["{PYTHON_MAIN}"]'
    # As the list is laid out: on lines of its own, or on one.
    line = re.match(r"\s*\n[ \t]*", rest)
    return f'[{line[0]}"{PYTHON_MAIN}",{rest}' if line else f'["{PYTHON_MAIN}", {rest}'


def dependency(value: str, sources: Sources) -> str:
    """The value of a line in `[dependencies]`: where the crate is, and what else was asked for."""
    old: Any = tomllib.loads(f"it = {value}")["it"]
    if isinstance(old, str):
        return f"{{ {sources.crate()}, features = {with_python_main('[]')} }}"
    fields = cast("dict[str, Any]", old)
    if "workspace" in fields:
        return value
    parts = [sources.crate()]
    for key in fields.keys() - OLD_SOURCE:
        found = re.search(rf"(?<![\w-]){re.escape(key)}\s*=\s*(\[[^\]]*\]|[^,}}]*[^,}}\s])", value)
        if found is not None:
            parts.append(found[0])
    rest = sorted(parts[1:], key=value.index)
    rest = [FEATURES.sub(lambda it: it[1] + with_python_main(it[2]), part) for part in rest]
    if "features" not in fields:
        rest.append(f"features = {with_python_main('[]')}")
    return f"{{ {', '.join([parts[0], *rest])} }}"


CRATE = re.compile(rf"(?<![\w:])(::)?({'|'.join(sorted(CRATES, key=len, reverse=True))})(?=\s*::)")
OWN_MODULE = re.compile(
    r"[ \t]*#\[pymodule_export\]\s*use\s+pytauri_plugin_notification::notification\s*;[ \t]*\n?"
)
"""What made the Python module of the plugin."""
WHOLE = re.compile(r"\b(use|extern\s+crate)(\s+)(?:tauri_plugin_)?pytauri(?=\s*(?:;|as\b))")


def rewrite_rust(text: str) -> Rewritten:
    """A Rust file, with paths into the crate `transom`."""

    def code(part: str) -> str:
        part = CRATE.sub(lambda it: (it[1] or "") + CRATES[it[2]], part)
        return without_generics(WHOLE.sub(r"\1\2transom", OWN_MODULE.sub("", part)))

    new = change(text, RUST, code=code)
    noted = comments(new, RUST)

    def reason(number: int, _: str) -> str:
        return "a comment" if number in noted else "a text, or a name that is no path into a crate"

    return Rewritten(new, mentions(new, reason))


GENERIC = re.compile(r"\b(?:PythonInterpreterBuilder|PythonInterpreterEnv|PythonScript)(?=\s*<)")
"""Types of `standalone` that have arguments in the peer's crate, and none in `transom`."""


def without_generics(code: str) -> str:
    """The code without the arguments in `<…>` of these types."""
    at = 0
    while (found := GENERIC.search(code, at)) is not None:
        at, end, depth = found.end(), code.index("<", found.end()), 0
        while end < len(code):
            depth += (code[end] == "<") - (code[end] == ">" and code[end - 1] not in "-=")
            end += 1
            if depth == 0:
                code = code[:at] + code[end:]
                break
    return code
