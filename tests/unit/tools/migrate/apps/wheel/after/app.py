"""Counts words. Made with pytauri and pytauri_wheel."""

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from anyio.from_thread import start_blocking_portal
from pydantic import BaseModel
from transom import (
    AppHandle,  # the app
    Commands,
    Manager,
    State,
)
from transom.ipc import Channel, JavaScriptChannelId
from transom.webview import WebviewWindow
from transom.plugins import dialog, notification as notes
from transom.plugins.opener import init as opener
from transom.async_tools import AsyncTools
from transom import builder_factory, context_factory

if TYPE_CHECKING:
    from transom.webview import Webview

log = logging.getLogger("transom")
commands = Commands()


class Count(BaseModel):
    """What pytauri sends."""

    words: int


class Follow(BaseModel):
    channel: JavaScriptChannelId[Count]


@commands.command()
async def follow(
    body: Follow, webview_window: "WebviewWindow", tools: Annotated[AsyncTools, State()]
) -> None:
    webview: "Webview" = webview_window.as_ref_webview()
    channel: Channel[Count] = body.channel.channel_on(webview)
    channel.send_model(Count(words=3))  # pytauri's own way


def main() -> int:
    with (
        start_blocking_portal("asyncio") as portal,
        AsyncTools(portal) as tools,
    ):

        def setup(app_handle: AppHandle) -> None:
            Manager.manage(app_handle, tools)

        app = builder_factory().build(
            context=context_factory(
                Path(__file__).parent.resolve(),
                tauri_config={"productName": "made with pytauri"},
            ),
            invoke_handler=commands.generate_handler(portal),
            setup=setup,
            plugins=[dialog.init(), notes.init(), opener()],
        )
        return app.run_return()


if __name__ == "__main__":
    sys.exit(main())
