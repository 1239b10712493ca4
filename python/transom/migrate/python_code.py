"""Rewrites Python files: imports, what they bind, and texts that name modules."""

import ast
import re

from .lexer import PYTHON, change, comments
from .names import CLIENT, PEER_CLIENT, ROOTS, Left, Rewritten, mentions, module, named
from .older_code import ByteEdit, OlderCode, Placed
from .python_tree import (
    COMMENT,
    TEXT,
    asserted,
    bindings,
    docstrings,
    dotted,
    pillow,
    reasons,
    registries_of,
)
from .requirements import VENDORED, Versions, in_quotes, requirement, rewrite_script_head

WORD = re.compile(r"\b(pytauri\w*)(?:\.\w+)*")
FROM = re.compile(r"(?<![^\s;:])(from[ \t]+)(pytauri(?!_wheel\s)[\w.]*)(?=[ \t]+import\b)")
IMPORT = re.compile(r"(?<![^\s;:])import[ \t]+[^\n;(]*\bpytauri[^\n;(]*")
"""Imports that name the peer, where no syntax tree says so."""
TAKES_MODULE = {
    "import_module", "__import__", "find_spec", "importorskip",
    "collect_all", "collect_data_files", "collect_dynamic_libs", "collect_submodules",
    "copy_metadata",
}  # fmt: skip
"""Functions whose first argument is the name of a module, of Python's, pytest's, PyInstaller's."""
TAKES_DISTRIBUTION = {"distribution", "files", "metadata", "requires", "version"}
"""Those of `importlib.metadata`."""
DISTRIBUTION = re.compile(r"pytauri(?:[-_](?:wheel|plugins|utils))?")
REQUIRED = re.compile(rf"{DISTRIBUTION.pattern}\s*(?:\[[^\]]*\])?\s*(?:[=!~<>]=|[<>])\s*\d.*")
LISTS_MODULES = {"hiddenimports", "excludes"}
"""Arguments of PyInstaller's `Analysis`."""
REQUIREMENTS = {"install_requires", "extras_require", "setup_requires", "tests_require"}


def rewrite(
    text: str, versions: Versions, *, renames_client: bool = False, registers: bool = False
) -> Rewritten:
    """The file with imports of `transom`. Of one that this Python takes for invalid, such as for a
    newer Python, only what can be told from its text is changed. `renames_client`: npm finds the
    page's package by its version. `registers`: the app is for a version whose `builder_factory()`
    registers plugins.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    text = text.removeprefix(mark)
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        line = error.lineno if isinstance(error, SyntaxError) else 1
        why = f"this Python does not take line {line} for valid"
        new = by_text(text, versions)
        if new == text:
            why = f"not read: {why}"
            return Rewritten(mark + text, mentions(text, lambda _, __: why)[:1])
        noted = comments(new, PYTHON)
        left = mentions(new, lambda it, _: COMMENT if it in noted else TEXT)
        found = Left(line or 1, f"to be looked at: {why}, so only imports and names were changed")
        return Rewritten(mark + new, [found, *left])
    source = Source(text, tree, versions)
    source.renames_client = renames_client
    older = OlderCode(tree, text.encode(), source.span, registers=registers)
    source.edits += older.edits()
    new = source.edited()
    source.left += older.left
    new = rewrite_script_head(new, versions)
    try:
        ast.parse(new)
    except SyntaxError:
        why = "not rewritten: the result would not be valid"
        return Rewritten(mark + text, mentions(text, lambda _, __: why)[:1])
    if new != text:
        source.left += pillow(tree)
    return Rewritten(mark + new, [*source.left, *mentions(new, reasons(new, source.kept))])


def by_text(text: str, versions: Versions) -> str:
    """The text with other imports, by its lines. Uses keep the names that these bind."""

    def statement(found: re.Match[str]) -> str:
        old = found[0]
        try:
            return Source(old, ast.parse(old), versions, alone=True).edited()
        except SyntaxError:
            return old

    def code(part: str) -> str:
        part = FROM.sub(lambda it: it[1] + (module(it[2]) or it[2]), part)
        return IMPORT.sub(statement, part)

    def quoted(old: str) -> str:
        value = old.strip("\"'")
        return old.replace(value, named(value) or value) if value else old

    return change(text, PYTHON, code=code, texts=quoted)


class Source:
    """A file, and the edits that it needs. `alone`: it is one statement of a file."""

    def __init__(
        self, text: str, tree: ast.Module, versions: Versions, *, alone: bool = False
    ) -> None:
        self._versions = versions
        self._alone = alone
        self.left: list[Left] = list[Left]()
        self.kept: set[str] = set()
        """Names that go on being used, for other modules."""
        self.renames_client = False
        self._tree = tree
        self._data = text.encode()
        self._starts = [0]
        for line in self._data.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self.edits: list[ByteEdit] = []
        self._done = set[int]()
        """The `id`s of texts that an edit is there for."""

    def edited(self) -> str:
        """The new text."""
        documentation = set(docstrings(self._tree))
        self._done.update(asserted(self._tree))
        renamed = self._imports()
        self._npm_packages()
        registries = set(registries_of(self._tree))
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
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                self._bare_decorators(node, registries)
            elif isinstance(node, ast.keyword) and node.arg == "entry_points":
                self._entry_points(node.value)
            elif isinstance(node, ast.keyword) and node.arg in LISTS_MODULES:
                for it in node.value.elts if isinstance(node.value, ast.List) else ():
                    self._module(it)
            elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "sys.modules":
                self._module(node.slice)
            elif isinstance(node, ast.keyword) and node.arg in REQUIREMENTS:
                start, end = self.span(node.value)
                old = self._data[start:end].decode()
                self.edits.append((start, end, in_quotes(old, self._versions)))
                self._done.update(map(id, ast.walk(node.value)))
            elif isinstance(node, ast.Constant) and id(node) not in documentation:
                self._text(node, renamed if id(node) in annotations else None)
        data = self._data
        at = len(data)
        for start, end, new in sorted(set(self.edits), reverse=True):
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
        if self._alone or "transom" in bound:
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
        start, end = self.span(node)
        found = re.match(rb"from\s+" + re.escape(name.encode()) + rb"(?=\s)", self._data[start:end])
        if found is None:
            self._replace(node, ast.unparse(node).replace(f"from {name} ", f"from {new} ", 1))
        else:
            at = start + found.end()
            self.edits.append((at - len(name), at, new))

    def _are_plain(self, root: str) -> bool:
        """Whether every use is at the place that the syntax tree says: not so in f-strings of
        Python 3.11.
        """
        return all(
            self._data[slice(*self.span(node))] == root.encode()
            for node in ast.walk(self._tree)
            if isinstance(node, ast.Name) and node.id == root
        )

    def _use(self, node: ast.Attribute | ast.Name, renamed: set[str]) -> None:
        name = dotted(node)
        if isinstance(node, ast.Attribute) and node.attr in ROOTS - {"pytauri"}:
            # What another module of the app's has by a plain import.
            new = module(node.attr)
            owner = node.value
            if new and isinstance(owner, ast.Name) and owner.id not in {"self", "cls"}:
                end = self.span(node)[1]
                self.edits.append((end - len(node.attr), end, new))
            return
        if name is None or name.partition(".")[0] not in renamed:
            return
        new = module(name)
        if new is not None:
            start, end = self.span(node)
            if self._data[start:end] == name.encode():
                self.edits.append((start, end, new))

    def _bare_decorators(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, registries: set[str]
    ) -> None:
        """Takes out what the peer accepts without a word, and registers nothing by."""
        for it in node.decorator_list:
            name = dotted(it) or ""
            if name.endswith(".command") and name.removesuffix(".command") in registries:
                start, end = self.span(it)
                at = self._data.rindex(b"@", 0, start)
                self.edits.append((at, end, f"# `{name}`, without parentheses"))
                why = "no command with PyTauri either: write `@….command()` to make it one"
                self.left.append(Left(it.lineno, why))

    def _call(self, node: ast.Call) -> None:
        called = ast.unparse(node.func).rpartition(".")[2]
        if called == "getLogger" and node.args and isinstance(node.args[0], ast.Constant):
            # Everything is logged there.
            if str(node.args[0].value).partition(".")[0] in ROOTS:
                self._replace_text(node.args[0], "transom")
        elif called in {"entry_points", "select", "EntryPoint"}:
            for keyword in node.keywords:
                value = keyword.value
                if keyword.arg == "group" and isinstance(value, ast.Constant):
                    self._replace_group(value)
        elif node.args:
            self._first_argument(called, node.args)

    def _first_argument(self, called: str, arguments: list[ast.expr]) -> None:
        """Of a call whose first argument names a module, a package, or what is in one."""
        it = arguments[0]
        if called in TAKES_MODULE:
            self._module(it)
        elif called in TAKES_DISTRIBUTION:
            if isinstance(it, ast.Constant) and DISTRIBUTION.fullmatch(str(it.value)):
                self._replace_text(it, "transom")
        elif called == "startswith":
            self._beginning(it)
        elif called in {"dict", "setitem", "delitem"} and len(arguments) > 1:
            second = arguments[1]
            if ast.unparse(it).strip("\"'") == "sys.modules":
                for key in second.keys if isinstance(second, ast.Dict) else [second]:
                    self._module(key)
        elif called in {"patch", "setattr"}:
            self._attribute(it)

    def _module(self, node: ast.expr | None) -> None:
        """A text that is the name of a module, by where it is."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            new = module(node.value)
            if new is not None:
                self._replace_text(node, new)

    def _beginning(self, node: ast.expr) -> None:
        """A text with which names of modules begin."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            new = module(node.value.removesuffix("."))
            if new is not None and node.value.endswith("."):
                self._replace_text(node, f"{new}.")

    def _attribute(self, node: ast.expr) -> None:
        """A text that names what a plain import binds in a module of the app's."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found = re.fullmatch(r"([A-Za-z_][\w.]*)\.(pytauri\w*(?:\.\w+)*)", node.value)
            new = None if found is None else module(found[2])
            if found is not None and new is not None:
                self._replace_text(node, f"{found[1]}.{new}")

    def _npm_packages(self) -> None:
        """Versions of npm packages by their names, from which some apps write `package.json`."""
        dicts = (it for it in ast.walk(self._tree) if isinstance(it, ast.Dict))
        pairs = (pair for it in dicts for pair in zip(it.keys, it.values, strict=True))
        for key, value in pairs if self.renames_client else ():
            if (
                isinstance(key, ast.Constant)
                and key.value == PEER_CLIENT
                and isinstance(value, ast.Constant)
                and isinstance(value.value, str)
            ):
                self._replace_text(value, self._versions.caret())

    def _entry_points(self, node: ast.expr) -> None:
        for key in node.keys if isinstance(node, ast.Dict) else ():
            if isinstance(key, ast.Constant):
                self._replace_group(key)
        for it in ast.walk(node):
            if isinstance(it, ast.List):
                texts = [ast.unparse(one) for one in it.elts]
                kept = [one for one in texts if not VENDORED.search(one)]
                if len(kept) < len(texts):
                    self.edits.append((*self.span(it), f"[{', '.join(kept)}]"))

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
        elif value == PEER_CLIENT and self.renames_client:
            new = CLIENT
        elif REQUIRED.fullmatch(value):
            new = requirement(value, self._versions) or value
        else:
            new = named(value) or value
        if new != value:
            self._replace_text(node, new)

    def _replace_text(self, node: ast.Constant, new: str) -> None:
        self._done.add(id(node))
        start, end = self.span(node)
        old = self._data[start:end].decode()
        value = str(node.value)
        if old.count(value) == 1:  # else it is a part of an f-string, or written in pieces
            self.edits.append((start, end, old.replace(value, new)))

    def _replace(self, node: ast.stmt, new: str) -> None:
        self.edits.append((*self.span(node), new))

    def span(self, node: Placed) -> tuple[int, int]:
        """Where it begins and ends in the bytes of the file."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self._starts[node.lineno - 1] + node.col_offset
        return start, self._starts[node.end_lineno - 1] + node.end_col_offset
