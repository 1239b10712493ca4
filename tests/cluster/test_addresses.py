"""Tests commands on a cluster of two nodes that runs already, by both forms of its address.

The tests build on each other: a cluster takes long to start.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import conformance
import jobs
import pytest
from calling import failure, until_refused, until_served
from conformance import CHECKS, Check, Subject, commands_for
from jobs import SLOW, alive, until
from nodes import Nodes, token
from pages import GUIDE, files
from wire import Wire

from transom import ClusterMetrics, Commands, RayExecutor
from transom.testing import Emitted, InvokeError, TestApp, TestWindow

pytestmark = pytest.mark.anyio

SIZE = 20 << 20
"""Bytes of a body that stays in the object store while its call runs."""

PATIENT: Any = {"grace": 60.0, "start_timeout": SLOW}
"""Options for a busy machine."""

FORMS = ("client", "address")
"""The attributes of `Nodes` with an address."""


@pytest.fixture(scope="module")
def trusted() -> Iterator[None]:
    """The app and the cluster have the same token."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in token().items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="module")
def nodes(trusted: None) -> Iterator[Nodes]:
    nodes = Nodes()
    yield nodes
    nodes.kill()


@pytest.fixture(scope="module")
def wire(nodes: Nodes) -> Iterator[Wire]:
    """What leads to the port for Ray's client."""
    wire = Wire(nodes.ports[1])
    yield wire
    wire.close()


@pytest.fixture(scope="module")
async def app(nodes: Nodes, wire: Wire, anyio_backend: str) -> AsyncIterator[TestApp]:
    commands = Commands()
    executors = dict[str, RayExecutor]()
    for form in FORMS:
        address = getattr(nodes, form)
        executors[form] = RayExecutor(address=address, **PATIENT, initializer=jobs.make)
        for func in jobs.COMMANDS:
            commands.command(f"{func.__name__}_{form}", executor=form)(func)
        commands_for(commands, form, "cluster")
    place: Any = {"address": nodes.address, "num_cpus": 0, **PATIENT}
    executors["tape"] = RayExecutor(**place, resources={"tape": 1})
    commands.command("on_tape", executor="tape", idempotent=True)(jobs.wait_long)
    commands.command("dies_once", executor="tape", idempotent=True)(jobs.dies_once)
    commands.command("greet_tape", executor="tape")(jobs.greet)
    commands.command("holds_tape", executor="tape")(jobs.sleep_long)
    commands.command("holds_bytes", executor="tape")(jobs.hold_bytes)
    wired = f"ray://127.0.0.1:{wire.port}"
    executors["wired"] = RayExecutor(address=wired, num_cpus=0, **PATIENT)
    commands.command("greet_wired", executor="wired")(jobs.greet)
    commands.command("wait_wired", executor="wired")(jobs.wait_long)
    executors["patient"] = RayExecutor(**place, resources={"tape": 1}, max_wait=2.0)
    commands.command("impatient", executor="patient")(jobs.greet)
    executors["none"] = RayExecutor(**place, resources={"disk": 1})
    commands.command("impossible", executor="none")(jobs.greet)
    executors["late"] = RayExecutor(**place)
    commands.command("greet_late", executor="late")(jobs.greet)
    async with TestApp(commands, executors=executors) as app:
        yield app


@pytest.fixture(scope="module")
def main(app: TestApp) -> TestWindow:
    return app.window()


@pytest.mark.parametrize("form", FORMS)
async def test_commands_are_those_of_every_executor(
    app: TestApp, main: TestWindow, tmp_path: Path, form: str
) -> None:
    await until_served(main, f"greet_{form}")
    assert await main.invoke(f"greet_soon_{form}", {"name": "Ada"}) == "Hello Ada in main"
    assert await main.invoke(f"double_{form}", b"x" * (1 << 20)) == b"x" * (2 << 20)
    assert len(await main.invoke(f"what_was_made_{form}")) == 2
    assert (await failure(main, f"greet_{form}", {"nom": "Ada"})).code == "invalid-argument"
    assert (await failure(main, f"fail_{form}", "chosen")).code == "command-error"
    assert (await failure(main, f"kill_me_{form}")).code == "worker-lost"

    told = list[float]()
    await main.invoke(f"count_{form}", 500, on_progress=lambda it: told.append(it.done))
    assert told == sorted(told)
    assert told[-1] == 500

    async with main.stream(f"numbers_{form}", {"file": str(tmp_path / "made")}, buffer=4) as items:
        async for item in items:
            if item == 30:
                break
    # The credit, and the item that found none.
    assert int((tmp_path / "made").read_text()) <= 31 + 4 + 1

    app.emitted.clear()
    channel = main.channel()
    assert await main.invoke(f"tell_{form}", (channel, 300)) == 300
    await channel.wait_for(lambda messages: len(messages) == 300)
    await until(lambda: app.emitted)
    assert app.emitted == [Emitted("told", {"name": "all"}, "main")]

    file = tmp_path / "trail"
    call = main.start(f"sleep_long_{form}", {"file": str(file)})
    await until(lambda: file.exists() and file.read_text())
    process = int(file.read_text())
    call.cancel()
    assert await call.released() == "cancelled"
    assert file.read_text() == "over"
    assert alive(process)


@pytest.mark.parametrize("executor", FORMS)
@pytest.mark.parametrize("form", conformance.FORMS["cluster"])
@pytest.mark.parametrize("check", [it for it in CHECKS if it is not conformance.affinity])
async def test_commands_rely_on(
    main: TestWindow, tmp_path: Path, check: Check, form: str, executor: str
) -> None:
    await check(Subject(main, "cluster", f"{executor}_{form}", tmp_path))


async def test_calls_of_one_key_go_to_one_process(main: TestWindow, tmp_path: Path) -> None:
    """By Ray's client alone: each process that is kept takes a processor from the tests below."""
    await conformance.affinity(Subject(main, "cluster", "client_plain", tmp_path))


@pytest.mark.parametrize("form", FORMS)
async def test_the_code_is_sent_to_the_nodes(main: TestWindow, form: str) -> None:
    """Without the native module, which is not in what is sent."""
    module, package = map(Path, await main.invoke(f"where_it_comes_from_{form}"))
    assert module.parent.name == package.parent.parent.name == "transom_shipped"
    assert module != Path(jobs.__file__)
    assert not list(package.parent.glob("_native*.so"))


async def test_what_no_node_has_is_named(main: TestWindow) -> None:
    error = await failure(main, "impossible", {"name": "Ada"})
    assert error.code == "unavailable"
    assert "each call asks for 1 of `disk`, and no node has more than 0" in error.message


async def test_a_call_waits_no_longer_than_max_wait(main: TestWindow, tmp_path: Path) -> None:
    await until_served(main, "greet_tape")
    file = tmp_path / "held"
    held = main.start("holds_tape", {"file": str(file)})
    await until(file.exists)
    error = await failure(main, "impatient", {"name": "Ada"})
    assert (error.code, error.details["started"]) == ("unavailable", False)
    # Of what, the cluster says a moment later.
    assert "it has waited for 2 s for" in error.message
    held.cancel()
    await held.released()


async def test_what_a_call_waits_for_is_seen(
    app: TestApp, main: TestWindow, tmp_path: Path
) -> None:
    await until_served(main, "greet_tape")
    calls = [main.start("holds_bytes", b"x" * SIZE)]
    await until(lambda: (seen := cluster_of(app, "tape")) and seen.running == 1)
    calls.append(main.start("on_tape", {"file": str(tmp_path / "waits")}))
    await until(lambda: (seen := cluster_of(app, "tape")) and seen.waits_for == "1 tape (0 free)")
    await until(lambda: (seen := cluster_of(app, "tape")) and seen.object_store >= SIZE)
    seen = cluster_of(app, "tape")
    assert seen is not None
    assert (seen.nodes, seen.running, seen.waiting) == (2, 1, 1)
    assert app.metrics().pools["tape"].workers[0].cluster == cluster_of(app, "tape")
    for call in calls:
        call.cancel()
    for call in calls:
        await call.released()
    await until(lambda: (seen := cluster_of(app, "tape")) and not seen.running + seen.waiting)


def cluster_of(app: TestApp, executor: str) -> ClusterMetrics | None:
    """What the gateway of an executor sees."""
    return next((it.cluster for it in app.workers() if it.pool == executor), None)


@pytest.mark.long
async def test_the_app_of_the_guide_counts_primes(
    nodes: Nodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "primes_on_ray.py").write_text(files(GUIDE / "cluster.md")["app.py"])
    monkeypatch.syspath_prepend(str(tmp_path))
    module = import_module("primes_on_ray")
    executors = {"cluster": RayExecutor(address=nodes.address, **PATIENT)}
    async with TestApp(module.commands, executors=executors) as app:
        told = list[float]()
        main = app.window()
        count = await main.invoke("count_primes", 100, on_progress=lambda it: told.append(it.done))
        assert count == 25
        assert told[-1] == 98


async def test_an_idempotent_call_runs_again(main: TestWindow, tmp_path: Path) -> None:
    await until_served(main, "greet_tape")
    assert await main.invoke("dies_once", {"file": str(tmp_path / "died")}) == "came back"


async def test_a_node_that_is_lost_is_named(
    nodes: Nodes, app: TestApp, main: TestWindow, tmp_path: Path
) -> None:
    await until_served(main, "greet_tape")
    file = tmp_path / "held"
    lost = main.start("holds_tape", {"file": str(file)})
    # A test asks for the name of a node that is known, so the gateway must know where it runs.
    await until(lambda: (seen := cluster_of(app, "tape")) and seen.running == 1)
    assert file.exists()
    nodes.tell("kill")
    with pytest.raises(InvokeError) as caught:
        await lost
    assert caught.value.code == "worker-lost"
    assert caught.value.details["node"] == "second"
    assert "on second" in caught.value.message
    await until_served(main, "greet_client")
    # Nobody has a tape now.
    nodes.tell("add")
    call = main.start("on_tape", {"file": str(tmp_path / "again")})
    await until((tmp_path / "again").exists)
    call.cancel()
    await call.released()


@pytest.mark.long
async def test_a_connection_that_is_cut_comes_back(
    main: TestWindow, wire: Wire, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await until_served(main, "greet_wired")
    file = tmp_path / "waits"
    call = main.start("wait_wired", {"file": str(file)})
    await until(lambda: file.exists() and file.read_text())
    wire.cut()
    # What ran goes on, and is reached again.
    call.cancel()
    await call.released()
    await until(lambda: file.read_text() == "over")

    address = f"ray://127.0.0.1:{wire.port}"
    wire.cut(for_good=True)
    with caplog.at_level(logging.WARNING):
        await until(lambda: f"{address} cannot be used" in caplog.text)
    with pytest.raises(InvokeError) as caught:
        await main.invoke("greet_wired", {"name": "Ada"})
    error = caught.value
    assert (error.code, error.details["started"]) == ("unavailable", False)
    assert f"the Ray cluster at {address} cannot be used: Connection refused" in error.message
    assert "Is it running" in error.message
    wire.mend()
    await until_served(main, "greet_wired")


@pytest.mark.long
async def test_a_cluster_that_is_away_is_named_and_comes_back(
    nodes: Nodes, main: TestWindow, caplog: pytest.LogCaptureFixture
) -> None:
    """The last test: it starts another cluster."""
    for form in FORMS:
        await until_served(main, f"greet_{form}")
    nodes.kill()
    with caplog.at_level(logging.WARNING):
        await until(lambda: nodes.client in caplog.text)
    error = await until_refused(main, "greet_client")
    assert error.code == "unavailable"
    # Of the reasons, the one that was seen first.
    assert f"the Ray cluster at {nodes.client} cannot be used: " in error.message

    another = Nodes(nodes.ports)
    try:
        await until_served(main, "greet_client")
        await until_served(main, "greet_address")
        another.tell("version 1.2.3")
        error = await failure(main, "greet_late", {"name": "Ada"})
        assert error.code == "unavailable"
        assert f"this app has Ray {version('ray')} and Python" in error.message
        assert "1.2.3" in error.message
    finally:
        another.kill()
