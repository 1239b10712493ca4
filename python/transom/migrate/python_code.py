"""Rewrites Python files: imports, what they bind, and texts that name modules."""

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator

from .names import PERMISSIONS, ROOTS, Left, Rewritten, mentions, module
from .requirements import Versions, in_quotes, rewrite_script_head

COMMENT = "a comment"
TEXT = "a text or a name that says nothing about modules"
DOTTED = re.compile(r"(pytauri\w*)(\.[A-Za-z_]\w*)+")
WORD = re.compile(r"\b(pytauri\w*)(?:\.\w+)*")
REQUIREMENTS = {"install_requires", "extras_require", "setup_requires", "tests_require"}

Edit = tuple[int, int, str]
"""Where it begins and ends in the bytes of the file, and what is written there."""


def rewrite(text: str, versions: Versions) -> Rewritten:
    """The file with imports of `transom`. One that is no valid Python is left as it is."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    text = text.removeprefix(mark)
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        line = error.lineno if isinstance(error, SyntaxError) else 1
        why = f"not read: this Python does not take line {line} for valid"
        return Rewritten(mark + text, mentions(text, lambda _, __: why)[:1])
    source = Source(text, tree, versions)
    new = source.edited()
    new = rewrite_script_head(new, versions)
    try:
        ast.parse(new)
    except SyntaxError:
        why = "not rewritten: the result would not be valid"
        return Rewritten(mark + text, mentions(text, lambda _, __: why)[:1])
    if new != text:
        source.left += pillow(tree)
    return Rewritten(mark + new, [*source.left, *mentions(new, reasons(new, source.kept))])


class Source:
    """A file, and the edits that it needs."""

    def __init__(self, text: str, tree: ast.Module, versions: Versions) -> None:
        self._versions = versions
        self.left: list[Left] = list[Left]()
        self.kept: set[str] = set()
        """Names that go on being used, for other modules."""
        self._tree = tree
        self._data = text.encode()
        self._starts = [0]
        for line in self._data.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self._edits = list[Edit]()
        self._done = set[int]()
        """The `id`s of texts that an edit is there for."""

    def edited(self) -> str:
        """The new text."""
        documentation = set(docstrings(self._tree))
        renamed = self._imports()
        annotations = {
            id(it)
            for node in ast.walk(self._tree)
            for field in ("annotation", "returns")
            if isinstance(annotation := getattr(node, field, None), ast.AST)
            for it in ast.walk(annotation)
        }
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Attribute | ast.Name):
                self._use(node, renamed)
            elif isinstance(node, ast.Call):
                self._call(node)
            elif isinstance(node, ast.keyword) and node.arg == "entry_points":
                self._entry_points(node.value)
            elif isinstance(node, ast.keyword) and node.arg in REQUIREMENTS:
                start, end = self._span(node.value)
                old = self._data[start:end].decode()
                self._edits.append((start, end, in_quotes(old, self._versions)))
                self._done.update(map(id, ast.walk(node.value)))
            elif isinstance(node, ast.Constant) and id(node) not in documentation:
                self._text(node, renamed if id(node) in annotations else None)
        data = self._data
        at = len(data)
        for start, end, new in sorted(set(self._edits), reverse=True):
            if end <= at:  # else it is part of what was replaced already
                data, at = data[:start] + new.encode() + data[end:], start
        return data.decode()

    def _imports(self) -> set[str]:
        """Rewrites the imports. Returns the names of packages whose uses are to be renamed."""
        plain = [
            alias.name
            for node in ast.walk(self._tree)
            if isinstance(node, ast.Import)
            for alias in node.names
            if alias.asname is None and module(alias.name) is not None
        ]
        roots = {name.partition(".")[0] for name in plain}
        # Where a use cannot be told from another thing of that name, the old name stays.
        bound = set(bindings(self._tree))
        unclear = {root for root in roots if root in bound or not self._are_plain(root)}
        if "transom" in bound:
            unclear |= roots
        self.kept |= unclear
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Import):
                self._import(node, unclear)
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                self._import_from(node, node.module)
        return roots - unclear

    def _import(self, node: ast.Import, unclear: set[str]) -> None:
        if all(module(alias.name) is None for alias in node.names):
            return
        parts = list[str]()
        for alias in node.names:
            new, root = module(alias.name), alias.name.partition(".")[0]
            if new is None:
                part = alias.name if alias.asname is None else f"{alias.name} as {alias.asname}"
            elif alias.asname is not None:
                part = f"{new} as {alias.asname}"
            elif root not in unclear:
                part = new
            elif root == "pytauri":
                part = "transom as pytauri"
                if "." in alias.name:
                    part += f", {new} as _{new.replace('.', '_')}"
            else:
                part = alias.name
                why = f"the name `{root}` or `transom` also means something else in this file"
                self.left.append(Left(node.lineno, why))
            if part not in parts:
                parts.append(part)
        self._replace(node, f"import {', '.join(parts)}")

    def _import_from(self, node: ast.ImportFrom, name: str) -> None:
        new = module(name)
        if new is None:
            return
        if name == "pytauri_wheel":
            for alias in node.names:
                if alias.name != "lib":
                    why = f"`pytauri_wheel.{alias.name}` is not there in Transom"
                    self.left.append(Left(node.lineno, why))
                    return
            names = [alias.asname or "lib" for alias in node.names]
            self._replace(node, f"import {', '.join(f'transom as {it}' for it in names)}")
            return
        # Only the module's name: the list may hold comments.
        start, end = self._span(node)
        found = re.match(rb"from\s+" + re.escape(name.encode()) + rb"(?=\s)", self._data[start:end])
        if found is None:
            self._replace(node, ast.unparse(node).replace(f"from {name} ", f"from {new} ", 1))
        else:
            at = start + found.end()
            self._edits.append((at - len(name), at, new))

    def _are_plain(self, root: str) -> bool:
        """Whether every use is at the place that the syntax tree says: not so in f-strings of
        Python 3.11.
        """
        return all(
            self._data[slice(*self._span(node))] == root.encode()
            for node in ast.walk(self._tree)
            if isinstance(node, ast.Name) and node.id == root
        )

    def _use(self, node: ast.Attribute | ast.Name, renamed: set[str]) -> None:
        name = dotted(node)
        if name is None or name.partition(".")[0] not in renamed:
            return
        new = module(name)
        if new is not None:
            start, end = self._span(node)
            if self._data[start:end] == name.encode():
                self._edits.append((start, end, new))

    def _call(self, node: ast.Call) -> None:
        called = ast.unparse(node.func).rpartition(".")[2]
        if called == "getLogger" and node.args and isinstance(node.args[0], ast.Constant):
            # Everything is logged there.
            if str(node.args[0].value).partition(".")[0] in ROOTS:
                self._replace_text(node.args[0], "transom")
        elif called in {"entry_points", "select"}:
            for keyword in node.keywords:
                value = keyword.value
                if keyword.arg == "group" and isinstance(value, ast.Constant):
                    self._replace_group(value)

    def _entry_points(self, node: ast.expr) -> None:
        for key in node.keys if isinstance(node, ast.Dict) else ():
            if isinstance(key, ast.Constant):
                self._replace_group(key)

    def _replace_group(self, node: ast.Constant) -> None:
        if node.value == "pytauri":
            self._replace_text(node, "transom")

    def _text(self, node: ast.Constant, renamed: set[str] | None) -> None:
        """`renamed`: in an annotation, the packages that have other names in it too."""
        value = node.value
        if not isinstance(value, str) or id(node) in self._done:
            return
        if renamed is not None:

            def replace(found: re.Match[str]) -> str:
                return (found[1] in renamed and module(found[0])) or found[0]

            new = WORD.sub(replace, value)
        elif value in PERMISSIONS:
            new = PERMISSIONS[value]
        elif value in {"pytauri_wheel.lib", "pytauri_utils.async_tools"} or DOTTED.fullmatch(value):
            new = module(value) or value
        else:
            return
        if new != value:
            self._replace_text(node, new)

    def _replace_text(self, node: ast.Constant, new: str) -> None:
        self._done.add(id(node))
        start, end = self._span(node)
        old = self._data[start:end].decode()
        value = str(node.value)
        if old.count(value) == 1:  # else it is a part of an f-string, or written in pieces
            self._edits.append((start, end, old.replace(value, new)))

    def _replace(self, node: ast.stmt, new: str) -> None:
        self._edits.append((*self._span(node), new))

    def _span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self._starts[node.lineno - 1] + node.col_offset
        return start, self._starts[node.end_lineno - 1] + node.end_col_offset


def pillow(tree: ast.Module) -> Iterator[Left]:
    """The first line that needs a package which came with the peer's."""
    for node in tree.body:
        names = [it.name for it in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if any(it.partition(".")[0] == "PIL" for it in names):
            yield Left(node.lineno, "Pillow came with PyTauri: add `pillow` to your dependencies")
            return


def dotted(node: ast.expr) -> str | None:
    """`a.b.c` as text, or `None` if it is anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (value := dotted(node.value)) is not None:
        return f"{value}.{node.attr}"
    return None


def bindings(tree: ast.Module) -> Iterator[str]:
    """The names that are bound by anything but a plain import of the peer's packages."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.ImportFrom):
            yield from (it.asname or it.name for it in node.names)
        elif isinstance(node, ast.Import):
            for it in node.names:
                if it.asname is not None:
                    yield it.asname
                elif not it.name.startswith("transom") and module(it.name) is None:
                    yield it.name.partition(".")[0]


def docstrings(tree: ast.Module) -> Iterator[int]:
    """The `id`s of the constants that stand alone, as docstrings do."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield id(node.value)


def reasons(text: str, kept: set[str]) -> Callable[[int, str], str | None]:
    """Why a line still names the peer."""
    kinds = dict[int, str]()
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                kinds[line] = "a docstring"
    # A name of the app's own, such as that of a folder or of a module that stayed.
    names = {it.id for it in ast.walk(tree) if isinstance(it, ast.Name)} | kept
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and "pytauri" in token.string.lower():
            kinds[token.start[0]] = COMMENT

    def reason(number: int, line: str) -> str | None:
        if number in kinds:
            return kinds[number]
        code = re.sub(r"\bpytauri\b(?=\.)|\bas pytauri\b", "", line) if "pytauri" in names else line
        if "pytauri" not in code.lower():
            return None
        return TEXT

    return reason
