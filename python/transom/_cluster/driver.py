"""Ray, as far as the gateway needs it: one of its own, or a cluster that runs already."""

import logging
import os
import secrets
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Generator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from ..errors import TransomError
from . import relay
from .endpoint import AUTO, endpoint_of, resolved, why_away
from .entry import Packed, entry_of, process_of
from .shipping import TooMuchCodeError, collect
from .status import SeenCluster

LONGEST = 40
"""Characters of a folder's path in which Ray's sockets still have names that the system takes."""
FULL = 2000
"""Characters of what Ray says of a cluster that cannot be used."""
PATIENCE = 10.0
"""Seconds within which the relay of a cluster that answers does so too."""
STORE = "object_store_memory"
"""The resource whose free part is what the object stores do not hold."""
MOST_ROOM = 1 << 16
ASK = 0.1
"""Seconds between two questions whether a node has started."""
HEAD = "node:__internal_head__"
"""The resource that only the first node of a cluster has."""

ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    # No warning about what a later Ray does with tasks without GPUs.
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}
"""Variables of Ray, if the host's environment does not set them."""

log = logging.getLogger("transom.cluster")


class AwayError(TransomError):
    """The cluster cannot be used; the text says why, and what to do."""


class RayDriver:
    """Ray, as far as the gateway needs it."""

    def __init__(self, setup: dict[str, Any]) -> None:
        self._setup = setup
        told = setup["ray"]
        self._options: dict[str, Any] = told["options"]
        self._start_timeout: float = told.get("start_timeout", 60.0)
        self.address: str | None = told.get("address")
        """`None`: it starts a Ray of its own."""
        self.folder = folder_of(setup["temp"])
        """What is written here. It is deleted when the gateway has ended."""
        self.relay: Any = None
        self._call: Any = None
        self._process: Any = None
        self._named: dict[str, Any] = {}
        self._missing: str | None = None

    def start(self) -> None:
        """Starts Ray, or connects to a cluster. It takes some seconds.

        The processes of a Ray of its own end with the calling thread.

        Raises:
            AwayError: The cluster cannot be used now.
        """
        defaults = ENVIRONMENT
        if self.address is None:
            # Else Ray would write a token into the home of the user.
            made = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
            waits = {"RAY_gcs_server_port_wait_time_s": f"{max(30, int(self._start_timeout))}"}
            defaults = ENVIRONMENT | made | waits
        os.environ.update({it: defaults[it] for it in defaults if it not in os.environ})
        ray = self._ray = import_module("ray")
        # The cluster's processes import this package only when its native half is replaced.
        ray.cloudpickle.register_pickle_by_value(relay)
        options, setup = self._options, {**self._setup, "ray": None}
        if self.address is None:
            with longer_start(self._start_timeout):
                ray.init(
                    address="local",
                    include_dashboard=False,
                    logging_level="WARNING",
                    _temp_dir=str(self.folder),
                )
        else:
            options = {name: it for name, it in options.items() if name != "runtime_env"}
            self._connect(self.address, setup)
        self.relay = ray.remote(num_cpus=0)(relay.Relay).options(**self._place()).remote()
        if self.address is not None:
            self._look_at_relay(self.address)
        entry = entry_of(setup, self.relay)
        self._call, self._named = ray.remote(**options, max_retries=0)(entry), {}
        options = {name: it for name, it in options.items() if name != "max_calls"}
        process = ray.remote(**options, max_restarts=0, max_task_retries=0)
        self._process = process(process_of(entry))
        self._missing = self._look_for_missing()

    def _connect(self, address: str, setup: dict[str, Any]) -> None:
        address = resolved(address)
        endpoint = endpoint_of(address)
        if endpoint is not None and (why := why_away(endpoint)) is not None:
            raise AwayError(away(address, why))
        given: dict[str, Any] = self._options.get("runtime_env") or {}
        try:
            has_code = bool(given.keys() & {"working_dir", "py_modules"})
            shipment = collect(setup, self.folder, app=not has_code)
        except TooMuchCodeError as error:
            raise AwayError(str(error)) from None
        text = "sends %.1f MB of code in %d files to the Ray cluster at %s"
        log.info(text, shipment.bytes / 1e6, shipment.files, address)
        setup.update(
            boot="",
            shipped=None,
            shipped_main=shipment.main and tuple(shipment.main),
            by_client=endpoint is not None and endpoint.is_client,
        )
        modules = [str(shipment.folder), *(given.get("py_modules") or ())]
        environment = {**given, "py_modules": modules}
        try:
            self._ray.init(address=address, logging_level="WARNING", runtime_env=environment)
        except Exception as error:
            self.stop()
            raise AwayError(self._why_not(address, error)) from error

    def _why_not(self, address: str, error: Exception) -> str:
        text = str(error).strip()[:FULL]
        if "ersion mismatch" in text or "ersions do not match" in text:
            python = ".".join(map(str, sys.version_info[:3]))
            return (
                f"this app has Ray {self._ray.__version__} and Python {python}, and the Ray "
                f"cluster at {address} has others: give both the same versions. {text}"
            )
        return away(address, f"{type(error).__name__}: {text}")

    def _look_at_relay(self, address: str) -> None:
        try:
            self._ray.get(self.relay.ready.remote(), timeout=self._start_timeout)
        except Exception as error:
            self.stop()
            raise AwayError(self._why_not(address, error)) from error

    def _place(self) -> dict[str, Any]:
        """Where the relay runs: where it is lost only with what the gateway needs anyway."""
        there = self._ray.cluster_resources()
        return {"resources": {HEAD: 0.001}} if HEAD in there else {}

    def answers(self) -> bool:
        """Whether the relay answers, after the cluster had been away."""
        answered = threading.Event()

        def ask() -> None:
            with suppress(Exception):
                self._ray.get(self.relay.ready.remote(), timeout=PATIENCE)
                answered.set()

        # Ray's client may hang for good.
        threading.Thread(target=ask, name="transom-ask", daemon=True).start()
        return answered.wait(PATIENCE)

    def stop(self) -> None:
        """Leaves the cluster. `start` comes back to it."""
        self.relay = None
        with suppress(Exception):
            self._ray.shutdown()

    def submit(self, command: str, data: Packed) -> Any:
        """Submits a call. Returns the reference of its answer."""
        if (named := self._named.get(command)) is None:
            named = self._named[command] = self._call.options(name=command)
        return named.remote(data)

    def start_process(self) -> Any:
        """Has Ray start a process that is kept. It takes its processors when there are some."""
        return self._process.remote()

    def ready(self, process: Any) -> Any:
        """Asks a process that is kept whether it is there. Returns the reference of its answer."""
        return process.ready.remote()

    def submit_to(self, process: Any, command: str, data: Packed) -> Any:
        """Submits a call to a process that is kept. Returns the reference of its answer."""
        return process.run.options(name=command).remote(data)

    def kill(self, process: Any) -> None:
        """Kills a process that is kept."""
        self._ray.kill(process)

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

    def look_again(self) -> str | None:
        """`missing`, after a node may have gone."""
        self._missing = self._look_for_missing()
        return self._missing

    def _look_for_missing(self) -> str | None:
        return missing_of(wants(self._options), self._nodes())

    def _nodes(self) -> list[dict[str, float]]:
        """What each node has that is alive."""
        return [it["Resources"] for it in self._ray.nodes() if it["Alive"]]

    def look(self) -> SeenCluster:
        """What is seen of the cluster."""
        nodes, free = self._nodes(), self._ray.available_resources()
        held = sum(it.get(STORE, 0) for it in nodes) - free.get(STORE, 0)
        wanted = wants(self._options)
        room, left = room_of(wanted, nodes), room_of(wanted, [free])
        return SeenCluster(len(nodes), max(0, round(held)), room, left, said_of(wanted, free))

    def name_of(self, node: str) -> str | None:
        """The name of a node by its id."""
        found = (it for it in self._ray.nodes() if it["NodeID"] == node)
        return next((it["NodeName"] or it["NodeManagerHostname"] for it in found), None)


@contextmanager
def longer_start(seconds: float) -> Generator[None]:
    """Gives a node that Ray starts here so many seconds. Ray gives it 30, in which it asks for it
    all the time, and a busy machine may need more.
    """
    services: Any = import_module("ray._private.services")
    get_node: Any = getattr(services, "get_node", None)
    if get_node is None:
        # Another version of Ray's has its own way.
        yield
        return
    end = time.monotonic() + seconds

    def asked_for(*args: Any, **options: Any) -> Any:
        while True:
            try:
                return get_node(*args, **options)
            except RuntimeError:
                if time.monotonic() > end:
                    raise
            time.sleep(ASK)

    services.get_node = asked_for
    try:
        yield
    finally:
        services.get_node = get_node


def away(address: str, why: str) -> str:
    """What a call says while the cluster cannot be used."""
    if address == AUTO:
        return (
            f"no Ray cluster was found on this machine: {why}. Start one by `ray start --head`, "
            "or name its address: `RayExecutor(address=…)`"
        )
    return (
        f"the Ray cluster at {address} cannot be used: {why}. Is it running, and is the address "
        "right? Calls go to it again when it answers"
    )


def said_of(wanted: dict[str, float], free: dict[str, float]) -> str:
    """What each call asks for, and what is free of it, in words."""
    items = wanted.items()
    return ", ".join(f"{it:g} {name} ({free.get(name, 0):g} free)" for name, it in items)


def missing_of(wanted: dict[str, float], nodes: list[dict[str, float]]) -> str | None:
    """What no node has, in words. `None`: a node has all that is wanted."""
    if not wanted or any(all(it.get(name, 0) >= wanted[name] for name in wanted) for it in nodes):
        return None
    for name, amount in wanted.items():
        most = max((it.get(name, 0) for it in nodes), default=0)
        if amount > most:
            return f"each call asks for {amount:g} of `{name}`, and no node has more than {most:g}"
    asked = ", ".join(f"{amount:g} of `{name}`" for name, amount in wanted.items())
    return f"each call asks for {asked}, and no node has all of that"


def room_of(wanted: dict[str, float], nodes: list[dict[str, float]]) -> int:
    """How many calls fit on the nodes at once. Those that ask for nothing have all the room."""
    if not wanted:
        return MOST_ROOM
    fitting = (min(it.get(name, 0) // wanted[name] for name in wanted) for it in nodes)
    return int(sum(fitting))


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
