"""Rewrites what pages use: `package.json`, scripts, and JSON files with permissions."""

import re
from collections.abc import Callable

from .lexer import JSON, change, comments
from .names import (
    CLIENT,
    KEPT_CLIENT,
    MENTION,
    PEER_CLIENT,
    Left,
    Rewritten,
    mentions,
    rewrite_features,
)
from .pyproject import permissions
from .requirements import OTHER

DEPENDENCY = re.compile(
    rf"""(["'])(?:{PEER_CLIENT}\1(\s*:\s*)(["'])[^"'\n]*\3"""
    rf"""|{CLIENT}\1(\s*:\s*)(["'])file:vendor/[^"'\n]*\5)"""
)
"""What names the peer's package, or that of an earlier version of Transom."""
NAME = re.compile(rf"""(["'`]){PEER_CLIENT}\1""")
GLOBAL = re.compile(
    r"""(__TAURI__(?:["'`]\s*\])?\s*(?:as\s+\w+\s*\))?!?\s*(?:\.|\?\.)\s*)pytauri\b"""
)
BY_KEY = re.compile(
    r"""(__TAURI__(?:["'`]\s*\])?\s*(?:as\s+\w+\s*\))?!?\s*(?:\?\.)?\s*\[\s*["'`])pytauri(?=["'`]\s*\])"""
)
INSIDE = r"(?:[^{}]|\{[^{}]*\})*"
TAKEN = re.compile(
    rf"\{{({INSIDE}?)\bpytauri\b({INSIDE})\}}((?:\s*:[^=\n]+)?\s*=\s*[^;\n]*?__TAURI__\b)"
)

OLD_CHANNEL = re.compile(r"\baddJsonListener\b")
"""What PyTauri 0.6 had, and 0.8 has no more."""

WORKS = "works as it is, and the console says that `__TAURI__.pytauri` is called `transom` here"
OLD_PAGE = (
    "the `Channel` of PyTauri 0.6 is in `__TAURI__.pytauri` alone, which stays: take that of "
    "`__TAURI__.core`, set its `onmessage`, and `__TAURI__.transom` is enough"
)
INSTALL = "install the packages (`npm install`, or what you use), and build the pages again"
CONFIGURE = '__TAURI__.transom.configure({ errors: "string" }); // as in PyTauri\n'
ERRORS = (
    "calls through the global reject with an `InvokeError`, whose `message` is the text: where the "
    'page shows the error itself, begin with `__TAURI__.transom.configure({ errors: "string" })`'
)


def rewrite_package(text: str, client: Callable[[], str]) -> Rewritten:
    """`package.json`; `client` gives the version or the place of the page's package."""

    def replace(found: re.Match[str]) -> str:
        return f'"{CLIENT}"{found[2] or found[4]}"{client()}"'

    new = DEPENDENCY.sub(replace, rewrite_features(text))
    left = mentions(new, lambda _, __: OTHER)
    if (found := re.search(rf'"{CLIENT}"', new)) is not None and new != text:
        left.append(Left(new.count("\n", 0, found.start()) + 1, INSTALL))
    return Rewritten(new, left)


def rewrite_json(text: str) -> Rewritten:
    """Capabilities and configurations: JSON and JSON5, with comments."""
    new = change(text, JSON, texts=permissions)
    noted = comments(new, JSON)
    return Rewritten(new, mentions(new, lambda at, _: "a comment" if at in noted else OTHER))


def rewrite_script(text: str, end: str = ".ts", *, keeps_client: bool = False) -> Rewritten:
    """JavaScript, TypeScript, and files that hold them, such as HTML, Vue and Svelte.
    `keeps_client`: npm would not find ours.
    """
    before = text if keeps_client else NAME.sub(rf"\1{CLIENT}/pytauri\1", text)
    if OLD_CHANNEL.search(before) and (GLOBAL.search(before) or TAKEN.search(before)):
        return Rewritten(before, mentions(before, lambda _, it: of_old_page(it)))
    new = GLOBAL.sub(r"\1transom", before)
    new = BY_KEY.sub(r"\1transom", new)
    new = TAKEN.sub(taken, new)
    left = list[Left]()
    at = first_use(before, new)
    if at is not None:
        begin = begin_of_script(new, at, end)
        if begin is None:
            left.append(Left(new.count("\n", 0, at) + 1, ERRORS))
        else:
            indent = new[begin : len(new) - len(new[begin:].lstrip(" \t"))]
            new = new[:begin] + indent + CONFIGURE + new[begin:]
    return Rewritten(new, [*left, *mentions(new, reasons(new))])


def of_old_page(line: str) -> str:
    """Why a line of a page for PyTauri 0.6 was left."""
    return "a comment" if is_comment(line) else OLD_PAGE


def first_use(before: str, after: str) -> int | None:
    """Where the first change is that is not in a line of a comment."""
    at = 0
    for old, new in zip(before.splitlines(True), after.splitlines(True), strict=False):
        if old != new and not is_comment(new):
            same = zip(old, new, strict=False)
            return at + next(number for number, (a, b) in enumerate(same) if a != b)
        at += len(new)
    return None


def is_comment(line: str) -> bool:
    return line.lstrip().startswith(("//", "*", "/*", "<!--"))


def begin_of_script(text: str, at: int, end: str) -> int | None:
    """Where a statement can be put that runs before the one at `at`, whatever checks its types."""
    if end in {".js", ".mjs"}:
        return text.find("\n") + 1 if text.startswith("#!") else 0
    if end in {".html", ".htm"}:
        tags = list(re.finditer(r"<script\b[^>]*>[ \t]*\n?", text[:at], re.IGNORECASE))
        return tags[-1].end() if tags else None
    return None


def taken(found: re.Match[str]) -> str:
    """`{ pytauri }`, `{ pytauri: x }` or `{ pytauri: { pyInvoke } }`, taken out of the global."""
    before, after, rest = found[1], found[2], found[3]
    if before.rstrip().endswith("transom:"):
        return found[0]
    name = "transom" if after.lstrip().startswith(":") else "transom: pytauri"
    return f"{{{before}{name}{after}}}{rest}"


def reasons(text: str) -> Callable[[int, str], str | None]:
    """Why a line still names the peer."""
    taken = re.search(r"transom\s*:\s*pytauri\b", text) is not None

    def reason(_: int, line: str) -> str | None:
        if not MENTION.search(line.replace(CONFIGURE[:-1], "")):
            return None
        others = re.sub(r"\bpytauri\b", "", line)
        cases = (
            (is_comment(line), "a comment"),
            (NAME.search(line), KEPT_CLIENT),
            (re.search(rf"{PEER_CLIENT}/|/{PEER_CLIENT}", line), "a path into the peer's package"),
            (taken and "pytauri" not in others, None),  # a name of the page's own
            ("__TAURI__" in text and re.search(r"[.{,]\s*pytauri\b", line), WORKS),
            (True, "a text, or a name that says nothing about a package"),
        )
        return next(why for holds, why in cases if holds)

    return reason
