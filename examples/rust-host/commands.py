"""Defines the commands of the app that are written in Python."""

import asyncio
import platform

from pydantic import BaseModel

from transom import CallContext, Commands
from transom.webview import WebviewWindow

commands = Commands()


class Person(BaseModel):
    name: str


@commands.command()
async def greet_in_python(body: Person) -> str:
    return f"Hello {body.name}, from Python {platform.python_version()}"


@commands.command()
async def count(body: int, ctx: CallContext) -> int:
    """Counts, and shows how far it is."""
    for done in range(body):
        await asyncio.sleep(0.02)
        ctx.progress(done + 1, body)
    return body


@commands.command()
def title(webview_window: WebviewWindow) -> str:
    """Runs in a thread, and asks the window that called."""
    return webview_window.title()
