"""Defines `Commands`, with which an app's author registers commands."""

import logging
import os
from collections.abc import Callable, Mapping
from typing import Any

from anyio import to_thread
from anyio.from_thread import BlockingPortal
from pydantic.alias_generators import to_camel

from .._loops.patched import check_threads
from .handler import InvokeHandler
from .policies import Limits
from .registry import Registry

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
