"""Says in coded errors what Ray says of a call that did not come to its end."""

import asyncio
from collections.abc import Callable
from typing import Any

from .._worker.link.frames import ERROR
from .entry import Frames

REASONS = {
    "WorkerCrashedError": "its process on the cluster died",
    "ActorDiedError": "its process on the cluster died",
    "ActorUnavailableError": "its process on the cluster cannot be reached",
    "OutOfMemoryError": "its node ran out of memory, and Ray killed it",
    "NodeDiedError": "its node is gone",
    "LocalRayletDiedError": "its node is gone",
    "TaskCancelledError": "somebody else has cancelled its task on the cluster",
}
"""By the names of Ray's exceptions. All others have a text of their own."""

REFUSALS = {
    "ObjectStoreFullError": "the object store of the cluster is full",
    "OutOfDiskError": "the object store of the cluster has no room on its disk",
    "RuntimeEnvSetupError": "the `runtime_env` could not be set up on the cluster",
    "TaskUnschedulableError": "the cluster cannot place it",
    "ActorUnschedulableError": "the cluster cannot place it",
    "UnserializableException": "its answer could not be read",
}
"""Of calls that have not begun."""

LONGEST = 4000


def error(code: str, message: str, **details: Any) -> Frames:
    """The frames that end a call with an error."""
    return [(ERROR, {"code": code, "message": message, "details": details}, b"")]


def aborted(*, started: bool) -> Frames:
    """The frames that end a call that was cancelled."""
    return error("aborted", "the call was cancelled", started=started)


def unplaced(command: str, why: str) -> Frames:
    """The frames that end a call for which the cluster has no place."""
    return error("unavailable", f"`{command}` cannot run on the cluster: {why}", started=False)


async def named(
    begun: dict[str, Any] | None, name_of: Callable[[str], str | None]
) -> dict[str, Any] | None:
    """Where a call ran, with the name of the node."""
    if begun is None:
        return None
    about = dict(begun)
    try:
        name = await asyncio.to_thread(name_of, about.pop("node_id"))
    except Exception:  # noqa: BLE001 - the cluster is lost as well
        name = None
    return about if name is None else {**about, "node": name}


def lost(
    command: str, what: BaseException, begun: dict[str, Any] | None, *, started: bool = True
) -> Frames:
    """The frames that end a call that Ray has lost. `begun`: where it ran, if that is known.
    `started`: whether it may have run.
    """
    kind, text = type(what).__name__, str(what).strip()[:LONGEST]
    if reason := REFUSALS.get(kind):
        return error("unavailable", f"`{command}` did not run: {reason}: {text}", started=False)
    if cause := getattr(what, "cause", None):
        text = f"`{command}` could not begin on the cluster: {type(cause).__name__}: {cause}"
        return error("worker-lost", text[:LONGEST], started=False, type=type(cause).__name__)
    if not started:
        text = f"`{command}` could not begin on the cluster: {kind}: {text}"
        return error("worker-lost", text, started=False, type=kind)
    reason = REASONS.get(kind, f"{kind}: {text}")
    where = f" (process {begun['pid']} on {begun['node']})" if begun else ""
    text = f"`{command}` was running on the cluster, and {reason}{where}"
    return error("worker-lost", text, started=True, type=kind, **begun or {})
