"""What MkDocs calls: gives it the repository's files as pages, and reads them as GitHub does."""

from __future__ import annotations

import os
import re

import plots
import python_api
import shelves
from markdown import Extension, Markdown
from markdown.blockprocessors import build_block_parser
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

#: Where the pages would be that the site alone has.
API = "docs/reference"
TYPESCRIPT = f"{API}/typescript"
RUST = f"{API}/rust.md"
#: How the page is called that TypeDoc makes of an entry of the package.
ENTRIES = {"index": "tauri-plugin-transom-api", "pytauri": "tauri-plugin-transom-api/pytauri"}
_NO_TEST = re.compile(r'^(\s*```\w+) no-test="[^"]*"', re.MULTILINE)


class GitHub(Extension):
    """Lists in lists are indented by two spaces, as GitHub reads them."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the name is Markdown's
        md.tab_length = 2
        # The parts of a parser read the length when they are made.
        md.parser = build_block_parser(md)


def slug(heading: str, separator: str) -> str:
    """The name of a heading as a place in its page, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", separator)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    # First: the others add to the parser that this one makes.
    config.markdown_extensions.insert(0, GitHub())
    config.mdx_configs["toc"]["slugify"] = slug
    config.nav = navigation()
    return config


def navigation() -> list[object]:
    """The tabs of the site, and the pages under each."""
    tabs: dict[str, list[object]] = {
        title: [{name: file} for name, file in pages.items()]
        for title, pages in {**shelves.shelves(), **shelves.BESIDE}.items()
    }
    modules = [{name: python_api.file(name)} for name in python_api.modules()]
    plugins = [it for it in modules if next(iter(it)).startswith("transom.plugins")]
    python = [it for it in modules if it not in plugins]
    typescript = [{name: f"{TYPESCRIPT}/{entry}.md"} for entry, name in ENTRIES.items()]
    api = [
        {"Python": python},
        {"Python: Tauri's plugins": plugins},
        {"TypeScript": typescript},
        {"Rust": [{"transom": RUST}]},
    ]
    ordered = [{title: pages} for title, pages in tabs.items()]
    ordered.insert(list(tabs).index("Reference") + 1, {"API": api})
    return [{"Home": ["README.md", {"All documents": shelves.INDEX}]}, *ordered]


def on_files(files: Files, config: MkDocsConfig) -> Files:
    def add(name: str, **source: str) -> None:
        file = File.generated(config, name, **source)
        file.dest_uri = shelves.place(name)
        files.append(file)

    for name in (*shelves.pages(), *shelves.pictures()):
        add(name, abs_src_path=str(shelves.ROOT / name))
    for module in python_api.modules():
        add(python_api.file(module), content=python_api.page(module))
    made = shelves.ROOT / "target" / "docs"
    for entry, title in ENTRIES.items():
        text = (made / "typescript" / f"{entry}.md").read_text()
        add(f"{TYPESCRIPT}/{entry}.md", content=text.replace(f"# {entry}", f"# {title}", 1))
    add(RUST, content=rust())
    shim = made / "node" / "node_modules" / "iframe-worker" / "shim" / "index.js"
    files.append(File.generated(config, "assets/iframe-worker.js", abs_src_path=str(shim)))
    return files


def rust() -> str:
    """The page that leads to what rustdoc made, if it did."""
    there = "WITH_RUST" in os.environ
    link = '<a href="../rust/transom/index.html">Open the documentation of the crate</a>'
    missing = "This site was built without it: `cargo doc --no-deps --open` makes it."
    return (
        "# The Rust crate `transom`\n\nFor apps whose main program is Rust: the plugin's `Builder`,"
        " the actors, the wire, the pools of workers. `rustdoc` writes it from the sources, with a"
        f" search of its own.\n\n{link if there else missing}\n"
    )


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    name = page.file.src_uri
    text = _NO_TEST.sub(r"\1", markdown)
    text = shelves.outward(text, name, files.src_uris)
    return plots.drawn(text) if name == plots.PAGE else text
