import sys
from os import getenv

import pytauri
import pytauri.ipc
from anyio.from_thread import start_blocking_portal
from pydantic import RootModel
from pytauri import builder_factory, context_factory
from pytauri.ffi.lib import AppHandle as Handle

commands = pytauri.Commands()
Text = RootModel[str]


@commands.command()
async def save(body: Text, headers: pytauri.ipc.Headers, app_handle: Handle) -> None:
    print(f"{pytauri.VERSION}", len(headers), body.root)


def main() -> int:
    standalone = getattr(sys, "_pytauri_standalone", False) or getenv("_PYTAURI_DIST")
    with start_blocking_portal("trio") as portal:
        app = builder_factory().build(
            context=context_factory(), invoke_handler=commands.generate_handler(portal)
        )
        if not standalone:
            print("from a terminal")
        return app.run_return()
