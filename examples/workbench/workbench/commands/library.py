"""Defines the commands of the main window: the folder, and opening other windows."""

from typing import Annotated

from anyio import to_thread

from transom import AppHandle, State

from ..desk import Desk
from ..documents import Library, kind_of
from ..models import DocumentInfo, DocumentName, Folder, FolderChanged
from ..registry import commands
from ..windows import open_editor, show_tasks, tell_main


@commands.command()
async def list_documents(
    library: Annotated[Library, State()], desk: Annotated[Desk, State()]
) -> Folder:
    """Every document of the folder, with what its editor knows about it."""
    documents: list[DocumentInfo] = []
    for name, size, modified in await to_thread.run_sync(library.entries):
        sheet = desk.showing(name)
        documents.append(
            DocumentInfo(
                name=name,
                kind=kind_of(name),
                size=size,
                modified=modified,
                open=sheet is not None,
                unsaved=sheet is not None and sheet.unsaved,
            )
        )
    return Folder(path=str(library.folder), documents=documents)


@commands.command()
async def new_document(
    body: DocumentName,
    app_handle: AppHandle,
    library: Annotated[Library, State()],
    desk: Annotated[Desk, State()],
) -> None:
    """Make an empty document and open it."""
    await to_thread.run_sync(library.create, body.name)
    open_editor(app_handle, desk, body.name)
    tell_main(app_handle, FolderChanged(name=body.name, change="created"))


@commands.command()
async def open_document(
    body: DocumentName,
    app_handle: AppHandle,
    library: Annotated[Library, State()],
    desk: Annotated[Desk, State()],
) -> None:
    """Open a document in an editor of its own, or bring that editor forward."""
    await to_thread.run_sync(library.require, body.name)
    open_editor(app_handle, desk, body.name)
    tell_main(app_handle, FolderChanged(name=body.name, change="opened"))


@commands.command()
async def open_tasks(app_handle: AppHandle) -> None:
    """Show the tasks window."""
    show_tasks(app_handle)
