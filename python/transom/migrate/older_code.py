"""Rewrites what Python files of apps for PyTauri before 0.8 say in another way than 0.8."""

import ast
import re
from collections.abc import Callable, Iterator

from .names import Left, module
from .python_tree import bindings, dotted

ByteEdit = tuple[int, int, str]
"""Where it begins and ends in the bytes of the file, and what is written there."""
Placed = ast.expr | ast.stmt | ast.keyword | ast.pattern
Span = Callable[[Placed], tuple[int, int]]

PAIRS = {"Position.Physical", "Position.Logical", "Size.Physical", "Size.Logical"}
"""What took two arguments before 0.6, and takes one tuple since."""
REGISTERED = ("clipboard_manager", "dialog", "fs", "notification", "opener")
"""The plugins that `builder_factory()` of the wheel registered by itself, before 0.8."""

BARE_ARGUMENTS = (
    "since PyTauri 0.6 `build` takes these arguments itself: "
    "`build(context=…, invoke_handler=…)`, not a `BuilderArgs`"
)
CHECK_SIGNATURE = "PyTauri 0.7 took `check_signature` away: signatures are always checked"
PLUGINS = (
    "since PyTauri 0.8 `builder_factory()` registers no plugin: give those that pages use to "
    "`build(…, plugins=[…])`, such as `transom.plugins.opener.init()`"
)


class OlderCode:
    """A file's syntax tree, seen as one for an older version. `registers`: the app's pins say that
    its `builder_factory()` registers plugins.
    """

    def __init__(self, tree: ast.Module, data: bytes, span: Span, *, registers: bool) -> None:
        self._tree = tree
        self._data = data
        self._span = span
        self._registers = registers
        self._names = {
            alias.asname or alias.name: alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and module(node.module or "") is not None
            for alias in node.names
        }
        """What the file imports from the peer, by the name that it has here."""
        self.left: list[Left] = []

    def edits(self) -> Iterator[ByteEdit]:
        """What is to be changed; `left` says what is for somebody to change."""
        inner = set[int]()
        for node in ast.walk(self._tree):
            if isinstance(node, ast.MatchClass):
                if self._name(node.cls) in PAIRS and len(node.patterns) == 2:
                    yield from self._pair(node, node.patterns[0])
            elif isinstance(node, ast.Call):
                name = self._name(node.func)
                if name in PAIRS and len(node.args) == 2 and not node.keywords:
                    yield from self._pair(node, node.args[0])
                elif (given := self._given(node)) is not None:
                    inner.add(id(given))
                    yield from self._unwrapped(node, given)
                elif name == "BuilderArgs" and id(node) not in inner and of_context(node):
                    self.left.append(Left(node.lineno, BARE_ARGUMENTS))
                elif any(it.arg == "check_signature" for it in node.keywords):
                    self.left.append(Left(node.lineno, CHECK_SIGNATURE))
        yield from self._plugins()

    def _name(self, node: ast.expr) -> str:
        """Of a thing of the peer's, without its module; empty for any other."""
        first, _, rest = (dotted(node) or "").partition(".")
        if first in self._names:
            return f"{self._names[first]}.{rest}" if rest else self._names[first]
        return rest if module(first) is not None else ""

    def _pair(self, node: Placed, first: Placed) -> Iterator[ByteEdit]:
        """Puts two arguments into a tuple."""
        begin, end = self._span(first)[0], self._span(node)[1]
        yield begin, begin, "("
        yield end - 1, end - 1, ")"

    def _given(self, node: ast.Call) -> ast.Call | None:
        """The `BuilderArgs(…)` that is the only argument of a `build`."""
        if isinstance(node.func, ast.Attribute) and node.func.attr == "build":
            match node.args, node.keywords:
                case [ast.Call() as it], []:
                    return it if self._name(it.func) == "BuilderArgs" else None
                case _:
                    pass
        return None

    def _unwrapped(self, outer: ast.Call, given: ast.Call) -> Iterator[ByteEdit]:
        """Gives the arguments of a `BuilderArgs` to `build` itself."""
        start, end = self._span(given)
        opening = self._data.index(b"(", self._span(given.func)[1])
        inside = self._data[opening + 1 : end - 1]
        yield start, end - 1 - len(inside.lstrip()), ""
        names = {it.arg for it in given.keywords}
        more = "" if names & {"invoke_handler", None} else "invoke_handler=None"
        between = self._data[end : self._span(outer)[1] - 1]
        comma = re.match(rb"\s*,", between)
        last = self._data[: end - 1].rstrip()
        if more and not last.endswith(b","):
            more = f", {more}"
        closing = end if comma is None else end + comma.end()
        # A line that held the parenthesis alone goes, where another line follows.
        follows = re.match(rb"[ \t]*\r?\n", self._data[closing:])
        yield len(last) if follows and not more else end - 1, closing, more

    def _plugins(self) -> Iterator[ByteEdit]:
        """Registers those that the wheel's `builder_factory()` did."""
        imported = next(
            (
                node
                for node in ast.walk(self._tree)
                if isinstance(node, ast.ImportFrom) and node.module == "pytauri_wheel.lib"
                if any(it.name == "builder_factory" for it in node.names)
            ),
            None,
        )
        if imported is None:
            return
        calls = [it for it in ast.walk(self._tree) if isinstance(it, ast.Call)]
        made = [it for it in calls if self._name(it.func) == "builder_factory"]
        builds = [it for it in calls if builds_an_app(it)]
        chosen = [it for node in made for it in node.keywords if it.arg in REGISTERED]
        if any(it.arg == "plugins" for node in builds for it in node.keywords) or not (
            chosen or self._registers
        ):
            return
        without = {it.arg for it in chosen if ast.unparse(it.value) == "False"}
        plugins = [it for it in REGISTERED if it not in without]
        certain = all(ast.unparse(it.value) in {"True", "False"} for it in chosen)
        taken = set(bindings(self._tree)) & set(plugins)
        if len(builds) != 1 or len(made) != 1 or taken or not certain:
            line = made[0].lineno if made else imported.lineno
            self.left.append(Left(line, PLUGINS))
            return
        if chosen:
            end = self._span(made[0])[1]
            yield self._data.index(b"(", self._span(made[0].func)[1]) + 1, end - 1, ""
        if not plugins:
            return
        start, indent = self._span(imported)[0], " " * imported.col_offset
        yield start, start, f"from transom.plugins import {', '.join(plugins)}\n{indent}"
        # In front of the other keywords, whatever is behind the last.
        given = self._given(builds[0]) or builds[0]
        at = self._span(given.keywords[0])[0]
        yield at, at, f"plugins=[{', '.join(f'{it}.init()' for it in plugins)}], "


def of_context(node: ast.Call) -> bool:
    """Whether a `BuilderArgs` is made as before 0.6: since then the context is not in it."""
    return bool(node.args) or any(it.arg == "context" for it in node.keywords)


def builds_an_app(node: ast.Call) -> bool:
    """Whether it is `….build(…)` with keywords of an app, maybe in a `BuilderArgs`."""
    if not isinstance(node.func, ast.Attribute) or node.func.attr != "build":
        return False
    first = node.args[0] if node.args and not node.keywords else None
    given = first if isinstance(first, ast.Call) else node
    return any(it.arg in {"context", "invoke_handler"} for it in given.keywords)
