"""Defines the dialogs in which the user picks files or folders."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict, Unpack, cast, final

from ... import _native  # pyright: ignore[reportPrivateUsage]
from ..._native import WebviewWindow
from .. import _make
from ._waiting import answer_of, check_handler, check_may_block

if TYPE_CHECKING:
    from ... import ImplManager

FilePath: TypeAlias = Path
"""What a dialog gives."""
_Filter: TypeAlias = tuple[str, Sequence[str]]
_What: TypeAlias = Literal["file", "files", "folder", "folders", "save"]


class FileDialogBuilderArgs(TypedDict, total=False):
    """Arguments of the dialogs of `FileDialogBuilder`."""

    add_filter: _Filter | Sequence[_Filter]
    """A name and the endings of file names, as `("Images", ["png", "jpg"])`; or several such."""
    set_directory: str | os.PathLike[str]
    """The folder to begin in."""
    set_file_name: str
    """The name to begin with."""
    set_parent: WebviewWindow
    """The window that the dialog belongs to. GTK ignores it."""
    set_title: str
    set_can_create_directories: bool
    """Used on macOS only. Default: true."""


@final
class FileDialogBuilder:
    """Lets the user pick files or folders. `DialogExt.file` makes it.

    Each dialog has three forms. `pick_file(handler)` and the like return at once;
    `handler(picked)` is called when the user is done. It may be an `async def`. What it raises is
    logged. `await pick_file_async()` waits in an `async def`; cancelled, it leaves the dialog open.
    `blocking_pick_file()` waits on a thread that may: one of a plain `def` command, say.

    What is picked is a path or a list of paths; `None` if the user cancels the dialog.

    Raises:
        TypeError: An argument is unknown or has the wrong type.
        ValueError: A text has a NUL character.
        RuntimeError: The plugin is not registered. `blocking_…`: an event loop runs on this thread,
            or it is the main thread; or the app has ended. `…_async`: the app has no portal.
        Cancelled: The call that this thread runs was cancelled.
    """

    def __init__(self, manager: "ImplManager", /) -> None:
        self._manager = manager

    def _pick(self, what: _What, handler: Callable[[Any], object] | None, args: Any) -> Any:
        return _native.pick_path(self._manager, what, handler, **_arguments(args))

    def _show(self, what: _What, handler: Callable[[Any], object], args: Any) -> None:
        check_handler(handler)
        self._pick(what, handler, args)

    def _blocking(self, what: _What, name: str, args: Any) -> Any:
        check_may_block(name)
        return self._pick(what, None, args)

    async def _async(self, what: _What, args: Any) -> Any:
        return await answer_of(lambda handler: self._pick(what, handler, args))

    def pick_file(
        self,
        handler: Callable[[FilePath | None], object],
        /,
        **args: Unpack[FileDialogBuilderArgs],
    ) -> None:
        """Lets the user pick a file that exists."""
        self._show("file", handler, args)

    def blocking_pick_file(self, /, **args: Unpack[FileDialogBuilderArgs]) -> FilePath | None:
        """Lets the user pick a file that exists, and waits."""
        return self._blocking("file", "pick_file", args)

    async def pick_file_async(self, /, **args: Unpack[FileDialogBuilderArgs]) -> FilePath | None:
        """Lets the user pick a file that exists, and waits in an `async def`."""
        return await self._async("file", args)

    def pick_files(
        self,
        handler: Callable[[list[FilePath] | None], object],
        /,
        **args: Unpack[FileDialogBuilderArgs],
    ) -> None:
        """Lets the user pick files that exist."""
        self._show("files", handler, args)

    def blocking_pick_files(
        self, /, **args: Unpack[FileDialogBuilderArgs]
    ) -> list[FilePath] | None:
        """Lets the user pick files that exist, and waits."""
        return self._blocking("files", "pick_files", args)

    async def pick_files_async(
        self, /, **args: Unpack[FileDialogBuilderArgs]
    ) -> list[FilePath] | None:
        """Lets the user pick files that exist, and waits in an `async def`."""
        return await self._async("files", args)

    def pick_folder(
        self,
        handler: Callable[[FilePath | None], object],
        /,
        **args: Unpack[FileDialogBuilderArgs],
    ) -> None:
        """Lets the user pick a folder."""
        self._show("folder", handler, args)

    def blocking_pick_folder(self, /, **args: Unpack[FileDialogBuilderArgs]) -> FilePath | None:
        """Lets the user pick a folder, and waits."""
        return self._blocking("folder", "pick_folder", args)

    async def pick_folder_async(self, /, **args: Unpack[FileDialogBuilderArgs]) -> FilePath | None:
        """Lets the user pick a folder, and waits in an `async def`."""
        return await self._async("folder", args)

    def pick_folders(
        self,
        handler: Callable[[list[FilePath] | None], object],
        /,
        **args: Unpack[FileDialogBuilderArgs],
    ) -> None:
        """Lets the user pick folders."""
        self._show("folders", handler, args)

    def blocking_pick_folders(
        self, /, **args: Unpack[FileDialogBuilderArgs]
    ) -> list[FilePath] | None:
        """Lets the user pick folders, and waits."""
        return self._blocking("folders", "pick_folders", args)

    async def pick_folders_async(
        self, /, **args: Unpack[FileDialogBuilderArgs]
    ) -> list[FilePath] | None:
        """Lets the user pick folders, and waits in an `async def`."""
        return await self._async("folders", args)

    def save_file(
        self,
        handler: Callable[[FilePath | None], object],
        /,
        **args: Unpack[FileDialogBuilderArgs],
    ) -> None:
        """Lets the user pick a file to write, which may exist."""
        self._show("save", handler, args)

    def blocking_save_file(self, /, **args: Unpack[FileDialogBuilderArgs]) -> FilePath | None:
        """Lets the user pick a file to write, which may exist, and waits."""
        return self._blocking("save", "save_file", args)

    async def save_file_async(self, /, **args: Unpack[FileDialogBuilderArgs]) -> FilePath | None:
        """Lets the user pick a file to write, which may exist, and waits in an `async def`."""
        return await self._async("save", args)


def _arguments(args: FileDialogBuilderArgs) -> dict[str, Any]:
    """The arguments of the native function."""
    _make.check_keys("the dialog", args, FileDialogBuilderArgs)
    native = {key.removeprefix("set_"): value for key, value in args.items()}
    filters = _filters(native.pop("add_filter", ()))
    return {**native, "filters": filters}


def _filters(given: Any) -> list[tuple[str, list[str]]]:
    """One filter or several, as a list."""
    several: list[Any] = [given] if _is_one(given) else list(given)
    filters = list[tuple[str, list[str]]]()
    for it in several:
        match it:
            case (name, str(ending)):
                raise TypeError(f'the endings of `add_filter` must be a list, as ["{ending}"]')
            case (name, endings):
                filters.append((name, list(endings)))
            case _:
                raise TypeError(f'`add_filter` must be such as ("Images", ["png"]), not {it!r}')
    return filters


def _is_one(given: Any) -> bool:
    first = cast("tuple[Any, ...]", given)[:1] if isinstance(given, tuple) else ()
    return any(isinstance(it, str) for it in first)
