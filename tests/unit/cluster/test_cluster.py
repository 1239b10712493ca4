"""Tests how a `RayExecutor` is described, and what is refused before Ray is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from transom import AppHandle, Commands, RayExecutor
from transom._cluster.driver import folder_of, missing_of, wants
from transom._cluster.losses import lost
from transom._executors import cluster


@pytest.fixture
def portal() -> Iterator[BlockingPortal]:
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ray seems to be installed."""
    monkeypatch.setattr(cluster, "find_spec", lambda name: ModuleSpec(name, None))


def make() -> None: ...


def top(body: int) -> int:
    return body


async def soon(body: int) -> int:
    return body


def with_handle(app_handle: AppHandle) -> None: ...


def test_without_ray_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "find_spec", lambda _: None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'transom\[ray\]'"):
        RayExecutor()


@pytest.mark.parametrize("address", ["auto", "ray://far:10001", "10.0.0.1:6379", "[::1]:6379"])
def test_a_cluster_that_runs_already_is_named(installed: None, address: str) -> None:
    plan = json.loads(RayExecutor(address=address, workers=130).plan(embedded=False))
    assert plan["launch"]["setup"]["ray"]["address"] == address
    # Each gateway has 64 calls at most, and its share of all.
    assert plan["spec"]["workers"] == 3
    assert plan["launch"]["setup"]["ray"]["calls"] == 44


def test_rays_client_has_a_package_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    there = {"ray": ModuleSpec("ray", None)}
    monkeypatch.setattr(cluster, "find_spec", there.get)
    with pytest.raises(ModuleNotFoundError, match="`ray://` needs the client of Ray"):
        RayExecutor(address="ray://far:10001")


@pytest.mark.parametrize(
    ("address", "warns"),
    [("ray://far:10001", True), ("10.0.0.1:6379", True), ("127.0.0.1:6379", False)],
)
def test_an_address_in_plain_text_is_warned_of_once(
    installed: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    address: str,
    warns: bool,
) -> None:
    monkeypatch.setattr(cluster, "warned", set[str]())
    for _ in range(2):
        RayExecutor(address=address).plan(embedded=False)
    assert caplog.text.count("in plain text") == warns
    monkeypatch.setattr(cluster, "warned", set[str]())
    monkeypatch.setenv("RAY_USE_TLS", "1")
    caplog.clear()
    RayExecutor(address=address).plan(embedded=False)
    assert not caplog.text


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"address": "far"}, '`RayExecutor.address` must be "auto", "host:port" or "ray://host'),
        ({"address": "http://far:1"}, "`RayExecutor.address` must be"),
        ({"address": "far:70000"}, "`RayExecutor.address` must be"),
        ({"workers": 0}, "`RayExecutor.workers` must be a whole number, at least 1"),
        ({"workers": 65}, "`RayExecutor.workers` must be at most 64 without an `address`"),
        ({"max_wait": 0}, "`RayExecutor.max_wait` must be a number of seconds, above 0"),
        ({"num_cpus": -1}, "`RayExecutor.num_cpus` must be a number, 0 or more, got -1"),
        ({"num_gpus": float("inf")}, "`RayExecutor.num_gpus` must be a number, 0 or more"),
        ({"resources": {"tape": "1"}}, "`RayExecutor.resources` must be a mapping of names"),
        ({"resources": ["tape"]}, "`RayExecutor.resources` must be"),
        ({"runtime_env": {"env_vars": {1, 2}}}, "`RayExecutor.runtime_env` must be a mapping that"),
        ({"runtime_env": "pip"}, "`RayExecutor.runtime_env` must be"),
        ({"max_calls": 0}, "`RayExecutor.max_calls` must be a whole number, at least 1"),
        ({"grace": None}, "`RayExecutor.grace` must be a number of seconds, 0 or more"),
        ({"start_timeout": 0}, "`RayExecutor.start_timeout` must be"),
        ({"max_restarts": 5}, "`RayExecutor.max_restarts` must be"),
        ({"quarantine": (0, 1.0)}, "`RayExecutor.quarantine` must be"),
        ({"backend": "twisted"}, '`RayExecutor.backend` must be "asyncio" or "trio"'),
        ({"initializer": "load"}, "`RayExecutor.initializer` must be a function"),
        ({"initializer": lambda: None}, "the initializer must be a function at the top of a mod"),
    ],
)
def test_what_cannot_be_meant_is_refused(installed: None, given: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        RayExecutor(**given)


def test_options_are_given_by_name(installed: None) -> None:
    execute: Any = RayExecutor
    with pytest.raises(TypeError, match=r"write `RayExecutor\(address='auto'\)`"):
        execute("auto")
    with pytest.raises(TypeError, match="`RayExecutor` has no option `warm`"):
        execute(warm=4)


def test_a_process_that_calls_share_is_refused(installed: None, portal: BlockingPortal) -> None:
    commands = Commands()
    commands.command(executor="cluster", shared=True)(soon)
    with pytest.raises(ValueError, match=r"`shared` cannot be used: .*num_cpus=0\.1"):
        commands.generate_handler(portal, executors={"cluster": RayExecutor()})


def test_the_gateway_knows_what_may_run_again(installed: None) -> None:
    plan = RayExecutor().plan(embedded=False, idempotent=["top"])
    assert json.loads(plan)["launch"]["setup"]["ray"]["idempotent"] == ["top"]


def test_what_cannot_cross_is_refused(installed: None, portal: BlockingPortal) -> None:
    commands = Commands()
    commands.command(executor="cluster")(with_handle)
    with pytest.raises(ValueError, match="`app_handle` cannot be had"):
        commands.generate_handler(portal, executors={"cluster": RayExecutor()})


def test_the_gateway_is_a_pool_of_one(installed: None) -> None:
    executor = RayExecutor(num_cpus=2, resources={"tape": 1}, grace=4.0, initializer=make)
    plan = json.loads(executor.plan(embedded=False))
    assert (plan["spec"]["workers"], plan["spec"]["warm"]) == (1, 0)
    # The gateway is killed only when it has not killed the call's process.
    assert plan["spec"]["grace"] > 4000 + 5000
    launch = plan["launch"]
    assert launch["command"][-1] == "gateway"
    assert launch["zygote"] is None
    # Ray gives its processes their share of the processors.
    assert "OMP_NUM_THREADS" not in launch["env"]
    told = launch["setup"]["ray"]
    assert told["options"] == {"num_cpus": 2, "resources": {"tape": 1}}
    assert told["grace"] == 4.0
    assert launch["setup"]["initializer"] == [__name__, "make"]


def test_what_calls_ask_for() -> None:
    assert wants({"num_cpus": 1}) == {"CPU": 1}
    assert wants({"num_cpus": 0, "num_gpus": 0.5, "resources": {"tape": 2}}) == {
        "GPU": 0.5,
        "tape": 2,
    }


def test_what_no_node_has_is_said() -> None:
    nodes = [{"CPU": 1.0, "tape": 1.0}, {"CPU": 4.0}]
    assert missing_of({"CPU": 4}, nodes) is None
    text = "each call asks for 8 of `CPU`, and no node has more than 4"
    assert missing_of({"CPU": 8}, nodes) == text
    text = "each call asks for 2 of `CPU`, 1 of `tape`, and no node has all of that"
    assert missing_of({"CPU": 2, "tape": 1}, nodes) == text


def test_rays_folder_has_a_short_path(tmp_path: Any) -> None:
    """The system takes no longer names of sockets."""
    long = folder_of(str(tmp_path / ("x" * 100)))
    try:
        assert len(str(long)) <= 40
    finally:
        long.rmdir()


class WorkerCrashedError(Exception):
    """Called like Ray's."""


class RuntimeEnvSetupError(Exception):
    """Called like Ray's."""


def test_what_ray_has_lost_becomes_a_coded_error() -> None:
    begun = {"pid": 7, "node": "10.0.0.2"}
    [(_, head, _)] = lost("render", WorkerCrashedError("gone"), begun)
    assert head["code"] == "worker-lost"
    assert "its process on the cluster died (process 7 on 10.0.0.2)" in head["message"]
    assert head["details"] == {"started": True, "type": "WorkerCrashedError", **begun}
    [(_, head, _)] = lost("render", RuntimeEnvSetupError("no pip"), None)
    assert (head["code"], head["details"]) == ("unavailable", {"started": False})
    assert "no pip" in head["message"]
