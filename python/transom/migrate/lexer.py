"""Finds the comments and string literals of source files, for edits that change nothing else."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

C_COMMENT = r"(?P<comment>//[^\n]*|/\*.*?\*/)"
TOML = re.compile(
    r"(?P<comment>#[^\n]*)"
    r"""|(?P<text>\"{3}(?:\\.|[^\\])*?\"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\\n])*"|'[^'\n]*')""",
    re.DOTALL,
)
JSON = re.compile(
    C_COMMENT + r"""|(?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')""",
    re.DOTALL,
)
"""JSON5 and JSON with comments too."""
RUST = re.compile(
    C_COMMENT + r"""|(?P<text>r(?P<mark>\#*)".*?"(?P=mark)|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])')""",
    re.DOTALL,
)
PYTHON = re.compile(
    r"(?P<comment>#[^\n]*)"
    r"""|(?P<text>\"{3}(?:\\.|[^\\])*?\"{3}|'{3}(?:\\.|[^\\])*?'{3}"""
    r"""|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')""",
    re.DOTALL,
)

Edit = tuple[int, int, str]
"""Where it begins and ends, and what is written there."""


def change(
    text: str,
    language: re.Pattern[str],
    *,
    code: Callable[[str], str] = str,
    texts: Callable[[str], str] = str,
) -> str:
    """Changes what is no comment: `texts` gets each with its quotes."""
    parts, at = list[str](), 0
    for found in language.finditer(text):
        parts.append(code(text[at : found.start()]))
        parts.append(found[0] if found["text"] is None else texts(found[0]))
        at = found.end()
    parts.append(code(text[at:]))
    return "".join(parts)


def comments(text: str, language: re.Pattern[str]) -> set[int]:
    """The lines in which there is a comment that names the peer."""
    return {
        text.count("\n", 0, found.start()) + 1 + number
        for found in language.finditer(text)
        if found["text"] is None
        for number, line in enumerate(found[0].split("\n"))
        if "pytauri" in line.lower()
    }


def edited(text: str, edits: list[Edit]) -> str:
    """The text after edits that do not touch each other."""
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


@dataclass(frozen=True)
class TomlItem:
    """A line `key = value` of a TOML file, or a line `[table]`, whose value is empty."""

    table: tuple[str, ...]
    key: tuple[str, ...]
    """Empty for a line `[table]`."""
    key_at: tuple[int, int]
    """Where the key is, or what is within the brackets."""
    value_at: tuple[int, int]
    line_at: tuple[int, int]
    """All of it, with its comment and the end of the line."""

    @property
    def path(self) -> tuple[str, ...]:
        return self.table + self.key


KEY = r"""(?:[\w-]+|"[^"\n]*"|'[^'\n]*')"""
LINE = re.compile(
    rf"[ \t]*(?:\[\[?[ \t]*(?P<table>{KEY}(?:[ \t]*\.[ \t]*{KEY})*)[ \t]*\]\]?"
    rf"|(?P<key>{KEY}(?:[ \t]*\.[ \t]*{KEY})*)[ \t]*=[ \t]*)"
)


def items(text: str) -> Iterator[TomlItem]:
    """The lines of a TOML file that say something, in order. The file is valid."""
    at, table = 0, tuple[str, ...]()
    while at < len(text):
        found = LINE.match(text, at)
        if found is None:
            at = line_end(text, at)
            continue
        value = found.end()
        if found["table"] is not None:
            table = names(found["table"])
            end = line_end(text, value)
            yield TomlItem(table, (), found.span("table"), (value, value), (at, end))
        else:
            stop = value_end(text, value)
            end = line_end(text, stop)
            yield TomlItem(table, names(found["key"]), found.span("key"), (value, stop), (at, end))
        at = end


def names(key: str) -> tuple[str, ...]:
    return tuple(it.strip("\"'") for it in re.findall(KEY, key))


def line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def value_end(text: str, at: int) -> int:
    """Where a value ends that begins at `at`, before a comment and the spaces in front of it."""
    depth, last = 0, at
    while at < len(text):
        token = TOML.match(text, at)
        if token is not None:
            if token["text"] is None and depth == 0:
                break
            at = token.end()
            last = at if token["text"] is not None else last
            continue
        sign = text[at]
        if sign == "\n" and depth == 0:
            break
        depth += (sign in "[{") - (sign in "]}")
        at += 1
        last = last if sign.isspace() else at
    return last
