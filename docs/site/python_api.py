"""Lists the public modules of the Python package, and writes the page of each."""

from __future__ import annotations

import ast
from pathlib import Path

from shelves import ROOT

PACKAGE = ROOT / "python" / "transom"
FOLDER = "docs/reference/python"
#: A package whose modules repeat the names of others, for imports as of PyTauri: one page for all.
REPEATED = "transom.ffi"


def public() -> list[str]:
    """The modules that say by `__all__` what they are for, the package first."""
    found: list[str] = []
    for file in PACKAGE.rglob("*.py"):
        parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if not any(part.startswith("_") for part in name.split(".")) and exports(file):
            found.append(name)
    return sorted(found)


def modules() -> list[str]:
    """Those of them that have a page of their own."""
    return [it for it in public() if not it.startswith(f"{REPEATED}.")]


def exports(file: Path) -> bool:
    """Whether a module says what it exports."""
    targets = [
        target
        for node in ast.parse(file.read_text()).body
        for target in (
            node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        )
    ]
    return any(isinstance(it, ast.Name) and it.id == "__all__" for it in targets)


def page(module: str) -> str:
    """The page of a module, which mkdocstrings fills."""
    if module != REPEATED:
        return f"::: {module}\n"
    repeats = [it for it in public() if it.startswith(f"{REPEATED}.")]
    return "".join(
        [
            f"::: {module}\n    options: {{members: false, summary: false}}\n\n",
            "| module | has the names of |\n| --- | --- |\n",
            f"| `{REPEATED}` | [`transom`](transom.md) |\n",
            *(f"| `{it}` | {_original(it)} |\n" for it in repeats),
        ]
    )


def _original(repeat: str) -> str:
    name = repeat.replace(REPEATED, "transom")
    return f"[`{name}`]({name}.md)" if name in public() else "[`transom`](transom.md)"


def file(module: str) -> str:
    """The file that the page of a module would be."""
    return f"{FOLDER}/{module}.md"
