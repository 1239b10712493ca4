"""Gives what a registry is written as to `tsc --strict`, with a script that uses it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from transom import Commands
from transom._typescript.module import Module

ROOT = Path(__file__).parents[3]
JS = ROOT / "js"
CONFIG: dict[str, Any] = {
    "compilerOptions": {
        "strict": True,
        "exactOptionalPropertyTypes": True,
        "noUncheckedIndexedAccess": True,
        "noEmit": True,
        "skipLibCheck": True,
        "target": "ES2022",
        "module": "ESNext",
        "moduleResolution": "bundler",
        "lib": ["ES2022", "DOM", "DOM.AsyncIterable"],
        "types": [],
        "paths": {
            "tauri-plugin-transom-api": [str(JS / "dist" / "index.d.ts")],
            "@tauri-apps/api/*": [str(JS / "node_modules" / "@tauri-apps" / "api" / "*")],
        },
    },
    "include": ["*.ts"],
}
TYPES = """
type Body<F> = F extends (body: infer B, options?: any) => any ? B : never;
type Result<F> = F extends (...all: any[]) => Promise<infer R> ? R : never;
type Item<F> = F extends (...all: any[]) => AsyncIterable<infer R> ? R : never;
"""


def check(folder: Path, commands: Commands, script: str) -> str:
    """What `tsc` says of the types of the commands and of a script that imports them as `api`."""
    (folder / "tsconfig.json").write_text(json.dumps(CONFIG))
    (folder / "api.ts").write_text(Module(commands).write())
    (folder / "use.ts").write_text(f'import * as api from "./api";\n{TYPES}\n{script}')
    tsc = JS / "node_modules" / ".bin" / "tsc"
    done = subprocess.run([tsc, "-p", folder], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def registered(annotations: dict[str, Any]) -> Commands:
    """Commands that take and give values of these types."""
    commands = Commands()
    for name, annotation in annotations.items():

        def command(body: Any) -> Any:
            return body

        command.__annotations__ = {"body": annotation, "return": annotation}
        commands.set_command(name, command)
    return commands
