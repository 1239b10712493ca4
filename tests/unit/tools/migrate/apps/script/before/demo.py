# /// script
# requires-python = ">=3.9"
# dependencies = [
#     "pytauri-wheel~=0.8.0",
#     "pytauri~=0.8.0",
#     "numpy",
# ]
# ///
# %% A window in a cell, with pytauri
import importlib
from pathlib import Path

import pytauri as pt
import pytauri_plugins
import pytauri_plugins.dialog, json
import pytauri_wheel.lib as wheel
from pytauri_wheel import lib

ipc = importlib.import_module("pytauri.ipc")
commands = pt.Commands()

CAPABILITY = {
    "identifier": "main",
    "windows": ["main"],
    "permissions": ["core:default", "pytauri:default"],
}
NOTE = "see pytauri for more"


# %% Commands
@commands.command()
async def ask(body: str, app_handle: "pt.AppHandle") -> "list[str]":
    """Asks. pytauri.Commands hands it on."""
    print(pytauri_plugins.PLUGIN_DIALOG, pytauri_plugins.dialog.DialogExt, json.dumps(body))
    return [body]


# %% Run
if __name__ == "__main__":
    config = {"app": {"security": {"capabilities": [CAPABILITY]}}}
    context = wheel.context_factory(Path(__file__).parent.resolve(), tauri_config=config)
    print(lib.builder_factory(), context)
