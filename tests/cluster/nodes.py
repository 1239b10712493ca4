"""Clusters on this machine: `Nodes` starts and ends one of two nodes, `Started` one of one node."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
from functools import partial
from importlib import import_module
from typing import Any

from transom._cluster.driver import longer_start

MEMORY = 100 << 20
PATIENCE = 300.0
"""Seconds that a node has to start. Ray gives it 30, which a busy machine may need."""
ATTEMPTS = 3


class Nodes:
    """A cluster of the nodes "first" and "second", each with one processor. "second" has a tape."""

    def __init__(self, ports: tuple[int, int] | None = None) -> None:
        """`ports`: of the cluster itself, and of Ray's client."""
        self.ports = ports or (free_port(), free_port())
        for attempt in range(ATTEMPTS):
            self._process = self._start()
            try:
                self._read()
                return
            except BaseException:
                self.kill()
                if attempt == ATTEMPTS - 1:
                    raise

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, __file__, *map(str, self.ports)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "RAY_USAGE_STATS_ENABLED": "0"},
            start_new_session=True,
            text=True,
        )

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.ports[0]}"

    @property
    def client(self) -> str:
        return f"ray://127.0.0.1:{self.ports[1]}"

    def _read(self) -> Any:
        assert self._process.stdout is not None
        # Ray writes there too.
        for line in self._process.stdout:
            if line.startswith("{"):
                return json.loads(line)["nodes"]
        raise AssertionError("the cluster has ended")

    def tell(self, order: str) -> Any:
        """Has an order carried out."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{order}\n")
        self._process.stdin.flush()
        return self._read()

    def kill(self) -> None:
        """Ends all of it at once."""
        session = self._process.pid
        self._process.kill()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.wait()
        end_session(session)


class Started:
    """What `ray start --head` starts: a cluster of one node, in a session of its own."""

    def __init__(self) -> None:
        options = ("--head", "--port=0", "--num-cpus=1", "--include-dashboard=false", "--block")
        ports = f"--ray-client-server-port={free_port()}"
        memory = f"--object-store-memory={MEMORY}"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ray.scripts.scripts", "start", *options, ports, memory],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "RAY_USAGE_STATS_ENABLED": "0"},
            start_new_session=True,
        )

    def kill(self) -> None:
        """Ends all of it at once."""
        self._process.kill()
        self._process.wait()
        end_session(self._process.pid)


def end_session(session: int) -> None:
    """Kills all processes of a session."""
    from jobs import processes  # noqa: PLC0415 - not in the process of the cluster

    while found := processes(session):
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue


def free_port() -> int:
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return it.getsockname()[1]


def token() -> dict[str, str]:
    """The variables by which an app and a cluster trust each other."""
    return {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}


def main(port: str, client: str) -> None:
    utilities: Any = import_module("ray.cluster_utils")
    shared: dict[str, Any] = {"object_store_memory": MEMORY, "include_dashboard": False}
    head: dict[str, Any] = {
        **shared,
        "gcs_server_port": int(port),
        "ray_client_server_port": int(client),
        "node_name": "first",
        "num_cpus": 1,
    }
    cluster = utilities.Cluster()
    cluster._wait_for_node = partial(cluster._wait_for_node, timeout=PATIENCE)
    with longer_start(PATIENCE):
        cluster.add_node(**head)

    def add() -> Any:
        resources = {"tape": 1, "second": 100}
        more = {"object_store_memory": MEMORY, "num_cpus": 1, "resources": resources}
        with longer_start(PATIENCE):
            return cluster.add_node(**more, node_name="second")

    second = add()
    answer("ready")
    for line in sys.stdin:
        if line.strip() == "kill":
            cluster.remove_node(second, allow_graceful=False)
        elif line.strip() == "add":
            second = add()
        elif line.strip().startswith("version "):
            lie_about_version(cluster, line.split()[1])
        answer(line.strip())


def lie_about_version(cluster: Any, version: str) -> None:
    """Has the cluster say that its Ray is of another version."""
    usage_lib: Any = import_module("ray._common.usage.usage_lib")
    client = cluster.head_node.get_gcs_client()
    told = usage_lib.get_cluster_metadata(client)
    told["ray_version"] = version
    key = usage_lib.usage_constant.CLUSTER_METADATA_KEY
    client.internal_kv_put(key, json.dumps(told).encode(), True, b"cluster")


def answer(what: str) -> None:
    print(json.dumps({"nodes": what}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
