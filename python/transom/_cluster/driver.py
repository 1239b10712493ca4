"""Starts a Ray of the gateway's own, and prepares what is submitted to it."""

import os
import secrets
import shutil
import tempfile
from concurrent.futures import Future
from importlib import import_module
from pathlib import Path
from typing import Any

from . import relay
from .entry import entry_of

LONGEST = 40
"""Characters of a folder's path in which Ray's sockets still have names that the system takes."""

ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AUTH_MODE": "token",
    # No warning about what a later Ray does with tasks without GPUs.
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}
"""Variables of Ray, if the host's environment does not set them."""


class RayDriver:
    """Ray, as far as the gateway needs it."""

    def __init__(self, setup: dict[str, Any]) -> None:
        self._setup = setup
        self._options: dict[str, Any] = setup["ray"]["options"]
        self.folder = folder_of(setup["temp"])
        """What this Ray writes. It is deleted when the gateway has ended."""
        self.relay: Any = None
        self._call: Any = None
        self._missing: str | None = None

    def start(self) -> None:
        """Starts Ray. It takes some seconds, and Ray's processes end with the calling thread."""
        os.environ.update({it: ENVIRONMENT[it] for it in ENVIRONMENT if it not in os.environ})
        # Else Ray would write one into the home of the user.
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
        ray = self._ray = import_module("ray")
        ray.init(
            address="local",
            include_dashboard=False,
            logging_level="WARNING",
            _temp_dir=str(self.folder),
        )
        # The cluster's processes import this package only when its native half is replaced.
        ray.cloudpickle.register_pickle_by_value(relay)
        self.relay = ray.remote(num_cpus=0)(relay.Relay).remote()
        entry = entry_of({**self._setup, "ray": None}, self.relay)
        self._call = ray.remote(**self._options, max_retries=0)(entry)
        self._missing = self._look_for_missing()

    def submit(self, command: str, head: dict[str, Any], body: Any) -> Any:
        """Submits a call. Returns the reference of its answer."""
        return self._call.options(name=command).remote(head, body)

    @staticmethod
    def future(reference: Any) -> "Future[Any]":
        """What becomes of a reference."""
        return reference.future()

    def cancel(self, reference: Any, *, force: bool) -> None:
        """Takes a call out of Ray's queue, or asks it to stop. `force`: kills its process."""
        self._ray.cancel(reference, force=force)

    def missing(self) -> str | None:
        """What calls ask for that the cluster does not have, in words. `None`: nothing."""
        if self._missing is not None:
            self._missing = self._look_for_missing()
        return self._missing

    def _look_for_missing(self) -> str | None:
        there: dict[str, float] = self._ray.cluster_resources()
        for name, wanted in wants(self._options).items():
            if wanted > there.get(name, 0):
                has = f"{there.get(name, 0):g}"
                return f"each call asks for {wanted:g} of `{name}`, and the cluster has {has}"
        return None

    def wanted(self) -> str:
        """What each call asks for, and what is free of it, in words."""
        free: dict[str, float] = self._ray.available_resources()
        wanted = wants(self._options).items()
        return ", ".join(f"{it:g} {name} ({free.get(name, 0):g} free)" for name, it in wanted)


def wants(options: dict[str, Any]) -> dict[str, float]:
    """The resources that a call with these options asks for."""
    named: dict[str, float] = {"CPU": options["num_cpus"], "GPU": options.get("num_gpus", 0)}
    wanted: dict[str, float] = named | options.get("resources", {})
    return {name: it for name, it in wanted.items() if it}


def folder_of(temp: str) -> Path:
    """The folder for what Ray writes: in that of the gateway, if its path is not too long."""
    if len(temp) <= LONGEST:
        folder = Path(temp)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder
    return Path(tempfile.mkdtemp(prefix="transom-ray-", dir="/tmp"))


def remove(folder: Path) -> None:
    """Deletes what a Ray that was killed has written."""
    shutil.rmtree(folder, ignore_errors=True)
