"""Makes legal TypeScript names out of those of commands and models."""

import json
import re
from collections.abc import Callable, Iterable

WORDS = frozenset(
    """
    abstract any arguments as asserts async await bigint boolean break case catch class const
    continue debugger declare default delete do else enum eval export extends false finally for
    from function get global if implements import in infer instanceof interface is keyof let module
    namespace never new null number object of package private protected public readonly require
    return satisfies set static string super switch symbol this throw true try type typeof
    undefined unique unknown using var void while with yield
    """.split()
)
"""What cannot, or should not, name a function or a type."""
USED = frozenset({"ArrayBuffer", "BufferSource", "body", "options", "pages", "python", "tauri"})
"""What the written file uses itself."""

REPEATED = re.compile(r"__+")
SNAKE = re.compile(r"(?<=[A-Za-z0-9])_+([A-Za-z0-9])")


def to_camel(name: str) -> str:
    """`get_page` as `getPage`; what is no snake case stays as it is."""
    return SNAKE.sub(lambda it: it[1].upper(), name) if name == name.lower() else name


class Names:
    """The names of one file. Each is given once."""

    def __init__(self, reserved: Iterable[str] = WORDS | USED) -> None:
        self._taken = set(reserved)

    def take(self, name: str, style: Callable[[str], str] = str) -> str:
        """A legal name like this one, which nothing else has."""
        legal = (it if f"_{it}".isidentifier() or it == "$" else "_" for it in style(name))
        name = REPEATED.sub("_", "".join(legal)).strip("_") or "_"
        if not is_identifier(name):
            name = f"_{name}"
        free, count = name, 1
        while free in self._taken:
            count += 1
            free = f"{name}_" if count == 2 and name in WORDS | USED else f"{name}_{count}"
        self._taken.add(free)
        return free


def is_identifier(name: str) -> bool:
    """Whether a name can be written without quotes. Python and JavaScript agree, but for `$`."""
    return name.replace("$", "_").isidentifier()


def quoted(text: str) -> str:
    """A string literal. Half a surrogate pair is written as its escape."""
    return json.dumps(text, ensure_ascii=not text.isprintable())


def key(name: str) -> str:
    """The name of a property: quoted, where it is no identifier."""
    return name if is_identifier(name) else quoted(name)


def comment(text: str, indent: str = "") -> str:
    """A TSDoc comment with its line break, or nothing for no text."""
    lines = text.strip().replace("*/", "*\\/").splitlines()
    if not lines:
        return ""
    if len(lines) == 1:
        return f"{indent}/** {lines[0]} */\n"
    body = "".join(f"{indent} * {line}".rstrip() + "\n" for line in lines)
    return f"{indent}/**\n{body}{indent} */\n"
