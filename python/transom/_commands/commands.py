"""Defines `Commands`, with which an app's author registers commands."""

import logging
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from anyio import to_thread
from anyio.from_thread import BlockingPortal
from pydantic.alias_generators import to_camel

from .._loops.patched import check_threads
from .handler import InvokeHandler
from .policies import Limits
from .registry import Registry

if TYPE_CHECKING:
    from .._windows.page_functions import PageFunctions
    from .._windows.typed_event import TypedEvent

T = TypeVar("T")
P = TypeVar("P")
log = logging.getLogger("transom.ipc")


class Commands(Registry):
    """The commands of an app: a mapping of names to `(parameters, handler)`.

    It is looked up at each call, so later changes take effect.
    """

    def __init__(self, *, experimental_gen_ts: bool = False) -> None:
        """`experimental_gen_ts` lets the methods of that name be called.

        Raises:
            RuntimeError: gevent or eventlet has replaced Python's threads.
        """
        check_threads()
        super().__init__()
        self._gen_ts = experimental_gen_ts

    def generate_handler(
        self,
        portal: BlockingPortal,
        /,
        *,
        executors: Mapping[str, Any] | None = None,
        limits: Limits | None = None,
    ) -> InvokeHandler:
        """What `Builder.build(invoke_handler=…)` takes: these commands on that portal.

        The portal must outlive the app. `executors` names further ones:
        `{"io": ThreadExecutor(workers=4), "gpu": ProcessPool(workers=1)}`; `"async"`, `"thread"`
        and `"process"` exist by default.

        Raises:
            ValueError: A command cannot run on its executor; it says why.
        """
        return InvokeHandler(self, portal, executors or {}, limits or Limits())

    def event(self, name: str, payload: type[T], /) -> "TypedEvent[T]":
        """Declares an event with the type of its payload: `saved = commands.event("saved", Saved)`.

        It is sent by `saved.emit(app_handle, Saved(…))`, and heard by `saved.listen(…)`. `transom
        types` writes its type for pages. Declare it in a module, as the commands.

        Raises:
            ValueError: There is an event of this name, the name is none, or the type has no JSON.
        """
        # Makes a model of pydantic, which takes its time.
        from .._windows.typed_event import TypedEvent  # noqa: PLC0415

        event = TypedEvent(name, payload)
        self.events.add(name, event)
        return event

    def page(self, described: Callable[..., P], /) -> "PageFunctions[P]":
        """Declares functions that a page exposes, by a class with a method for each.

        `editor = commands.page(Editor)`, then `await editor(webview_window).ask_user(question)`.
        A method takes one argument at most, and has no body; an `async def` is awaited, a `def`
        blocks a thread. The class may be a `Protocol`. `transom types` writes it as an interface,
        which the page implements.

        Raises:
            TypeError: It is no class.
            ValueError: There is one of its name, or a method is no function that a page can expose.
        """
        from .._windows.page_functions import PageFunctions  # noqa: PLC0415

        functions = PageFunctions(described)
        self.pages.add(functions.described.__name__, functions)
        return functions

    async def experimental_gen_ts(
        self,
        output_dir: str | os.PathLike[str],
        json2ts_cmd: str,
        *,
        cmd_alias: Callable[[str], str] | None = to_camel,
    ) -> None:
        """Writes `apiClient.ts` into `output_dir`, as `transom types` does, where it has changed.

        It has the form that pages written for PyTauri know: `_apiTypes.d.ts` beside it has the
        interface `Commands`, and functions of commands without a body take `undefined` first.

        Args:
            output_dir: The folder, which is made if it is missing.
            json2ts_cmd: Not used: nothing of Node is needed.
            cmd_alias: Makes the names of functions out of those of commands. `None`: they keep
                their names.

        Raises:
            RuntimeError: It was not enabled by `Commands(experimental_gen_ts=True)`.
            OSError: The files cannot be written.
        """
        del json2ts_cmd
        if not self._gen_ts:
            raise RuntimeError(
                "TypeScript types were not asked for: write `Commands(experimental_gen_ts=True)`"
            )
        from .._typescript.pytauri import write  # noqa: PLC0415 - apps that are shipped need none

        await to_thread.run_sync(write, self, os.fspath(output_dir), cmd_alias or str)

    async def experimental_gen_ts_background(
        self,
        output_dir: str | os.PathLike[str],
        json2ts_cmd: str,
        *,
        cmd_alias: Callable[[str], str] | None = to_camel,
    ) -> None:
        """Like `experimental_gen_ts`, but logs what is wrong instead of raising it."""
        try:
            await self.experimental_gen_ts(output_dir, json2ts_cmd, cmd_alias=cmd_alias)
        except Exception:
            log.exception("no TypeScript was written")
