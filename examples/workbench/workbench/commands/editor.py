"""Defines the commands of editor windows. Each one uses the document of the calling window."""

from typing import Annotated

from anyio import to_thread

from transom import State
from transom.webview import WebviewWindow

from ..desk import Desk
from ..documents import Library, kind_of
from ..models import FolderChanged, LoadedDocument, Text, Unsaved
from ..registry import commands
from ..windows import tell_main


@commands.command()
async def load_document(
    webview_window: WebviewWindow,
    library: Annotated[Library, State()],
    desk: Annotated[Desk, State()],
) -> LoadedDocument:
    """The document as it is on disk. A page loads once, so nothing is unsaved any more."""
    sheet = desk.of(webview_window.label())
    text = await to_thread.run_sync(library.read, sheet.name)
    _mark(webview_window, desk, unsaved=False)
    return LoadedDocument(name=sheet.name, kind=kind_of(sheet.name), text=text)


@commands.command()
async def save_document(
    body: Text,
    webview_window: WebviewWindow,
    library: Annotated[Library, State()],
    desk: Annotated[Desk, State()],
) -> None:
    """Write the text to disk and let the main window know."""
    sheet = desk.of(webview_window.label())
    await to_thread.run_sync(library.write, sheet.name, body.text)
    tell_main(webview_window, FolderChanged(name=sheet.name, change="saved"))


@commands.command()
async def set_unsaved(
    body: Unsaved, webview_window: WebviewWindow, desk: Annotated[Desk, State()]
) -> None:
    """Take note of whether the page's text differs from the disk's."""
    _mark(webview_window, desk, unsaved=body.unsaved)


@commands.command()
async def close_window(webview_window: WebviewWindow) -> None:
    """Close the calling window, as its title bar would: a guard may ask first."""
    webview_window.close()


def _mark(window: WebviewWindow, desk: Desk, *, unsaved: bool) -> None:
    sheet = desk.of(window.label())
    if sheet.unsaved == unsaved:
        return
    sheet.unsaved = unsaved
    window.set_title(f"• {sheet.name}" if unsaved else sheet.name)
    tell_main(window, FolderChanged(name=sheet.name, change="edited"))
