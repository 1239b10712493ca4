"""An app that updates itself: from 1.0.0 to 2.0.0, then to 3.0.0, which does not start."""

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path

from transom import AppHandle, CallContext, Commands, InvokeException, run, updates
from transom.plugins import updater

HERE = Path(__file__).parent
SEEN = HERE / "seen"
VERSION = os.environ.get("VERSION", "1.0.0")
commands = Commands()


@commands.command()
async def look(app_handle: AppHandle) -> str | None:
    try:
        update = await updates.check(app_handle)
    except updates.UpdateError as error:
        raise InvokeException(str(error)) from error
    return update and update.version


@commands.command()
async def take(ctx: CallContext, app_handle: AppHandle) -> int:
    update = await updates.check(app_handle)
    assert update is not None
    folder = Path(tempfile.mkdtemp(dir=HERE, prefix="downloads-"))
    try:
        file = await update.download(folder, on_progress=ctx.progress)
    except updates.UpdateError as error:
        raise InvokeException(str(error)) from error
    return (await asyncio.to_thread(file.stat)).st_size


@commands.command()
async def begin(app_handle: AppHandle) -> None:
    """What the page of an AppImage calls: it says that it runs, and updates the app."""
    image = Path(os.environ["APPIMAGE"])
    before = SEEN.read_text() if SEEN.exists() else ""
    kept = image.with_name(f"{image.name}.old").exists()
    note = {"version": VERSION, "kept": kept, "discarded": updates.started()}
    note["reverted"] = updates.reverted()
    SEEN.write_text(f"{before}{json.dumps(note)}\n")
    if updates.reverted():
        app_handle.exit(0)
        return
    while (update := await updates.check(app_handle)) is None:  # noqa: ASYNC110 - a server tells nothing
        await asyncio.sleep(0.1)
    updates.restart(app_handle, await update.install(await update.download()))


if __name__ == "__main__":
    settings = {"version": VERSION}
    sys.exit(run(commands, HERE, tauri_config=settings, plugins=[updater.Builder.build()]))
