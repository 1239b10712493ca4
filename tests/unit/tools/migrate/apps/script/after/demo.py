# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "transom>=0.1.0,<0.2",
#     "numpy",
# ]
# ///
# %% A window in a cell, with pytauri
import importlib
from pathlib import Path

import transom as pt
import transom.plugins
import transom.plugins.dialog, json
import transom as wheel
import transom as lib

ipc = importlib.import_module("transom.ipc")
commands = pt.Commands()

CAPABILITY = {
    "identifier": "main",
    "windows": ["main"],
    "permissions": ["core:default", "transom:default"],
}
NOTE = "see pytauri for more"


# %% Commands
@commands.command()
async def ask(body: str, app_handle: "pt.AppHandle") -> "list[str]":
    """Asks. pytauri.Commands hands it on."""
    print(transom.plugins.PLUGIN_DIALOG, transom.plugins.dialog.DialogExt, json.dumps(body))
    return [body]


# %% Run
if __name__ == "__main__":
    config = {"app": {"security": {"capabilities": [CAPABILITY]}}}
    context = wheel.context_factory(Path(__file__).parent.resolve(), tauri_config=config)
    print(lib.builder_factory(), context)
