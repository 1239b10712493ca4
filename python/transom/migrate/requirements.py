"""Rewrites what a Python project depends on, where that is a text: `pytauri-wheel~=0.8`."""

import re
from dataclasses import dataclass

from .names import Rewritten, mentions

NAME = r"pytauri(?:[-_.](?:wheel|plugins|utils|plugin[-_.]notification))?"
REQUIREMENT = re.compile(
    rf"(?P<before>\s*){NAME}\s*(?P<extras>\[[^\]]*\])?\s*"
    r"(?P<version>\(?(?:[=!~<>]=|[<>])[^;#]*|@\s[^;#]*)?(?P<marker>\s*;[^#]*)?\s*",
    re.IGNORECASE,
)
QUOTED = re.compile(r"""(?P<quote>["'])(?P<text>(?:(?!(?P=quote))[^\n\\])*)(?P=quote)""")
OURS = re.compile(r"""(?:"transom(?:\[[^\]]*\])?>=[^"\n]*"|'transom(?:\[[^\]]*\])?>=[^'\n]*')""")
AGAIN = re.compile(rf",\s*{OURS.pattern}")
AGAIN_ON_A_LINE = re.compile(rf"\n[ \t]*(?:#[ \t]*)?{OURS.pattern},?[ \t]*(?:#[^\n]*)?(?=\n)")
OLD_PYTHON = re.compile(r"((?:>=|\^|~=?)\s*)3\.(?:\d|10)(?:\.\d+)?(?!\d)")
SCRIPT = re.compile(r"(?m)^# /// script\n(?:#.*\n)*?# ///$")
"""Metadata at the head of a script (PEP 723)."""
VENDORED = re.compile(r"(?:\w+\.)+pytauri_wheel\.ext_mod")
"""The library of PyTauri's wheel, copied into a package. Transom's package always has its own."""
OTHER = "a place that names no dependency, entry point or permission"


@dataclass(frozen=True)
class Versions:
    """What is written as version of Transom, of all its parts."""

    version: str

    def range(self) -> str:
        """For Python: from this version to before the next that may break."""
        major, minor, *_ = self.version.split(".")
        below = f"0.{int(minor) + 1}" if major == "0" else str(int(major) + 1)
        return f">={self.version},<{below}"

    def caret(self) -> str:
        """For npm, Cargo and Poetry, which mean the same by it."""
        return f"^{self.version}"


def requirement(text: str, versions: Versions) -> str | None:
    """The requirement of Transom in place of the peer's, or `None` if it is of something else."""
    found = REQUIREMENT.fullmatch(text)
    if found is None:
        return None
    extras, marker = found["extras"] or "", (found["marker"] or "").rstrip()
    after = text[len(text.rstrip()) :]
    return f"{found['before']}transom{extras}{versions.range()}{marker}{after}"


def in_quotes(text: str, versions: Versions) -> str:
    """Rewrites each requirement in quotes; of several of one list the first stays."""

    def replace(found: re.Match[str]) -> str:
        new = requirement(found["text"], versions)
        return found[0] if new is None else f"{found['quote']}{new}{found['quote']}"

    new = QUOTED.sub(replace, text)
    first = OURS.search(new) if new != text else None
    if first is None:
        return new
    rest = AGAIN_ON_A_LINE.sub("", new[first.end() :])
    return new[: first.end()] + AGAIN.sub("", rest)


def rewrite_list(text: str, versions: Versions, *, of_keys: bool = False) -> Rewritten:
    """`requirements.txt` and its like: one requirement a line. `of_keys`: below keys, as in INI."""
    lines, seen = list[str](), False
    for line in text.splitlines(keepends=True):
        if of_keys and not line[:1].isspace():
            seen = False
        body, sign, comment = line.partition("#") if " #" in line else (line, "", "")
        new = requirement(body, versions)
        if new is None:
            lines.append(line)
        elif not seen:
            seen = True
            lines.append(new + sign + comment)
    new = "".join(lines)
    return Rewritten(new, mentions(new, lambda _, it: reason(it)))


def rewrite_ini(text: str, versions: Versions) -> Rewritten:
    """`setup.cfg`: dependencies in lines of their own, and the group of entry points."""
    done = rewrite_list(text, versions, of_keys=True)
    group = r"(?ms)^(\[options\.entry_points\]\n(?:(?!\[)[^\n]*\n)*?)pytauri(?=\s*=)"
    new = re.sub(group, r"\1transom", done.text)
    new = re.sub(rf"(?m)^[ \t]+\w+[ \t]*=[ \t]*{VENDORED.pattern}[ \t]*\n", "", new)
    return Rewritten(new, mentions(new, lambda _, it: reason(it)))


def newer_python(text: str) -> str:
    """A range of versions of Python, without those that Transom is not there for."""
    return OLD_PYTHON.sub(r"\g<1>3.11", text)


def rewrite_script_head(text: str, versions: Versions) -> str:
    """The file, with what it says about itself as a script rewritten."""

    def replace(found: re.Match[str]) -> str:
        new = in_quotes(found[0], versions)
        if new == found[0]:
            return new
        return re.sub(r"(?m)^# requires-python.*$", lambda it: newer_python(it[0]), new)

    return SCRIPT.sub(replace, text)


def reason(line: str) -> str:
    return "a comment" if line.lstrip().startswith(("#", ";", "//")) else OTHER
