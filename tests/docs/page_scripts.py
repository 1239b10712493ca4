"""Checks scripts of the documents with the compiler and the types of the page's client."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from pages import ROOT, Listing

JS = ROOT / "js"
COMPILER = JS / "node_modules" / ".bin" / "tsc"
SCRIPT = re.compile(r"<script[^>]*>(.*?)</script>", re.DOTALL)

# What fragments take for granted. Their own imports come before it.
PRELUDE = """
declare global {
  const pyInvoke: typeof api.pyInvoke, rawPyInvoke: typeof api.rawPyInvoke;
  const pyStream: typeof api.pyStream, pyJobs: typeof api.pyJobs, pyAttach: typeof api.pyAttach;
  const expose: typeof api.expose, configure: typeof api.configure;
  const InvokeError: typeof api.InvokeError;
  const abort: AbortController, signal: AbortSignal;
  const show: (value: unknown) => void, tryLater: () => void;
  const bar: HTMLProgressElement, path: string;
  const onProgress: (progress: api.Progress) => void;
  let report: unknown;
}
export {};
"""

OPTIONS = {
    "strict": True,
    "module": "nodenext",
    "moduleResolution": "nodenext",
    "target": "es2022",
    "lib": ["es2022", "dom", "dom.iterable"],
    "types": [],
    "skipLibCheck": True,
    "noEmit": True,
    "allowJs": True,
    "checkJs": False,
}


def check_scripts(listings: Sequence[Listing], folder: Path) -> None:
    """Fails with what the compiler says, at the lines of the pages."""
    if not COMPILER.exists():
        raise AssertionError(f"{COMPILER} is missing: run `make setup`")
    prelude = f'import type * as api from "tauri-plugin-transom-api";\n{PRELUDE}'
    (folder / "prelude.d.ts").write_text(prelude)
    (folder / "package.json").write_text('{"type": "module"}')
    paths = {
        "tauri-plugin-transom-api": "index.ts",
        "tauri-plugin-transom-api/pytauri": "pytauri.ts",
    }
    tauri = JS / "node_modules" / "@tauri-apps" / "api"
    found = {name: [str(JS / "src" / it)] for name, it in paths.items()}
    options = OPTIONS | {"paths": found | {"@tauri-apps/api/*": [str(tauri / "*.d.ts")]}}
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": options}))
    origins: dict[str, Listing] = {}
    for number, listing in enumerate(listings):
        name = f"listing{number}.{'js' if listing.language == 'html' else 'ts'}"
        origins[name] = listing
        (folder / name).write_text("\n" * listing.line + source_of(listing))
    done = subprocess.run(
        [COMPILER, "--project", folder, "--pretty", "false"],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    complaints = [said for line in done.stdout.splitlines() if (said := located(line, origins))]
    assert done.returncode == 0, "\n".join(complaints) or done.stdout + done.stderr


def source_of(listing: Listing) -> str:
    """A module, so that `await` is allowed; of a page its scripts, at their lines."""
    if listing.language != "html":
        return f"{listing.text}\nexport {{}};\n"
    lines = ["" for _ in listing.text.splitlines()]
    for script in SCRIPT.finditer(listing.text):
        first = listing.text.count("\n", 0, script.start(1))
        for offset, line in enumerate(script[1].splitlines()):
            lines[first + offset] += line
    return "\n".join([*lines, "export {};", ""])


def located(line: str, origins: dict[str, Listing]) -> str | None:
    """A complaint of the compiler, at its place in the documents."""
    match = re.match(r"(\w+\.\w+)\((\d+),\d+\): (.*)", line)
    if match is None:
        return line if ": error " in line else None
    listing = origins.get(match[1])
    page = match[1] if listing is None else listing.page.name
    return f"{page}:{match[2]}: {match[3]}"
