"""Defines `Commands`, with which an app's author registers commands."""

from collections.abc import Mapping
from typing import Any

from anyio.from_thread import BlockingPortal

from .handler import InvokeHandler
from .policies import Limits
from .registry import Registry


class Commands(Registry):
    """The commands of an app: a mapping of names to `(parameters, handler)`.

    It is looked up at each call, so later changes take effect.
    """

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
