"""Lists the templates: the layers of files that each is made of, and what differs in its words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

LAYERS = Path(__file__).parent / "templates"
PACKAGE = "hello_app"
"""The package in the templates, which gets the name of the project."""


@dataclass(frozen=True)
class Layer:
    """A folder of `templates`, and where in the project its files go."""

    source: str
    place: str = "."


@dataclass(frozen=True)
class Template:
    """One way to begin."""

    about: str
    layers: tuple[Layer, ...]
    types: str
    """The file that `transom types` writes."""
    words: Mapping[str, str] = field(default_factory=dict[str, str])
    """What stands for `@word@` in the files."""
    builds_pages: bool = False
    """Whether its pages are built with Node, in the folder `frontend`."""


_PYTHON = (
    Layer("common"),
    Layer("app", PACKAGE),
    Layer("python"),
)
_CONFIGURED = {
    "configuration": f"{PACKAGE}/Tauri.toml",
    "capabilities": f"{PACKAGE}/capabilities",
}


def _with_vite(name: str, about: str) -> Template:
    return Template(
        about,
        (
            *_PYTHON,
            Layer("vite"),
            Layer("styles", "frontend/src"),
            Layer(name),
        ),
        "frontend/src/api.ts",
        {
            **_CONFIGURED,
            "pages": "`frontend/src`: the pages. `npm install && npm run build` in `frontend` "
            "builds them.",
        },
        builds_pages=True,
    )


TEMPLATES: Mapping[str, Template] = {
    "plain": Template(
        "pages of HTML and JavaScript, without Node",
        (
            *_PYTHON,
            Layer("plain"),
            Layer("pages", f"{PACKAGE}/frontend"),
            Layer("styles", f"{PACKAGE}/frontend"),
        ),
        f"{PACKAGE}/frontend/api.ts",
        {**_CONFIGURED, "pages": f"`{PACKAGE}/frontend`: the pages, which nothing has to build."},
    ),
    "vite-ts": _with_vite("vite_ts", "TypeScript, built with Vite"),
    "react": _with_vite("react", "React and TypeScript"),
    "svelte": _with_vite("svelte", "Svelte and TypeScript"),
    "vue": _with_vite("vue", "Vue and TypeScript"),
    "rust": Template(
        "a crate of its own, with commands in Rust beside those in Python",
        (
            Layer("common"),
            Layer("app"),
            Layer("pages", "frontend"),
            Layer("styles", "frontend"),
            Layer("rust"),
        ),
        "frontend/api.ts",
        {
            "configuration": "tauri.conf.json",
            "capabilities": "capabilities",
            "pages": "`src`: what is in Rust. `frontend`: the pages, which nothing has to build.",
        },
    ),
}
