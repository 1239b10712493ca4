"""Tests how the gateway gives calls to Ray and ends them, without Ray."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest
from ray_doubles import FULL, Rig, WorkerCrashedError, answer, until

from transom._cluster import gateway as module
from transom._cluster import status
from transom._cluster.status import SeenCluster
from transom._worker.link.frames import CANCEL, CLUSTER, ERROR, JSON, JSON_ITEM, Frame

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
async def _ends() -> AsyncIterator[None]:
    yield
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        if "Gateway" in repr(task.get_coro()):
            task.cancel()


async def test_a_call_is_answered() -> None:
    rig = Rig()
    rig.call(1)
    [(head, future)] = await rig.given(1)
    assert (head["id"], head["command"]) == (1, "draw")
    answer(future, 1)
    assert await rig.sent(1) == [(JSON, {"id": 1}, b"7")]


async def test_a_short_answer_waits_for_no_loop() -> None:
    """But for what went before it by the relay, which comes there."""
    rig = Rig()
    for number in (1, 2):
        rig.call(number)
    [(_, short), (late, other)] = await rig.given(2)
    answer(short, 1)
    answer(other, 2, relayed=1)
    assert rig.link.sent == [(JSON, {"id": 1}, b"7")]
    await until(lambda: list(rig.gateway._calls) == [2])
    rig.gateway._pass_on(late["key"], [(JSON_ITEM, {"id": 2}, b"0")])
    await until(lambda: not rig.gateway._calls)
    assert [kind for kind, _, _ in rig.link.sent] == [JSON, JSON_ITEM, JSON]


async def test_a_call_that_is_given_up_while_its_answer_is_sent_is_answered_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rig = Rig()
    rig.call(1)
    [(_, future)] = await rig.given(1)
    call, send_all = rig.gateway._calls[1], rig.gateway._send_all

    def give_up_first(*args: Any) -> None:
        # As the loop may, while Ray's thread is here.
        call.give_up([(ERROR, {"code": "aborted"}, b"")])
        send_all(*args)

    monkeypatch.setattr(rig.gateway, "_send_all", give_up_first)
    answer(future, 1)
    await until(lambda: not rig.gateway._calls)
    assert rig.link.sent == [(JSON, {"id": 1}, b"7")]


async def test_no_more_calls_than_workers_are_with_ray() -> None:
    rig = Rig(calls=1)
    for number in (1, 2, 3):
        rig.call(number)
    [(_, first)] = await rig.given(1)
    # One that waits is taken back at once.
    rig.gateway._hear(Frame(CANCEL, {"id": 2}, bytearray()))
    [(_, head, _)] = await rig.sent(1)
    assert (head["code"], head["details"]) == ("aborted", {"started": False})
    answer(first, 1)
    given = await rig.given(2)
    assert given[1][0]["id"] == 3
    answer(given[1][1], 3)
    assert [head["id"] for _, head, _ in await rig.sent(3)] == [2, 1, 3]


async def test_calls_of_a_key_go_to_one_process() -> None:
    rig = Rig()
    rig.gateway._saw(rig.driver.seen)
    for number, key in enumerate(["a", "a", "b"], start=1):
        rig.call(number, affinity=key)
    await until(lambda: len(rig.driver.processes) == 2)
    for process in rig.driver.processes:
        process.there.set_result(None)
    given = await rig.given(2)
    # The second one of `a` waits for the first one, and holds nobody up.
    assert [head["id"] for head, _ in given] == [1, 3]
    for _, future in given[:2]:
        answer(future, 1)
    given = await rig.given(3)
    first, second = rig.driver.processes
    assert rig.driver.to == [first, second, first]
    answer(given[2][1], 2)
    await rig.sent(3)
    # A new key gets a process that is idle, and one that has died meanwhile is replaced.
    first.is_dead = second.is_dead = True
    rig.gateway._kept.tidy(60)
    for kept in rig.gateway._kept._processes:
        kept.since -= 2
    rig.call(4, affinity="a")
    await until(lambda: len(rig.driver.processes) == 3)
    rig.driver.processes[2].there.set_result(None)
    given = await rig.given(4)
    assert rig.driver.to[3] is rig.driver.processes[2]
    assert given[3][0]["id"] == 4


async def test_a_cancel_reaches_what_waits_for_a_process_and_kills_what_does_not_stop() -> None:
    rig = Rig(grace=0.0)
    for number in (1, 2):
        rig.call(number, affinity="a")
    await until(lambda: rig.driver.processes)
    for number in (2, 1):
        rig.gateway._hear(Frame(CANCEL, {"id": number}, bytearray()))
        head = (await rig.sent(3 - number))[-1][1]
        assert (head["code"], head["details"]["started"]) == ("aborted", False)
    # One that was never there is not waited for.
    rig.call(3, affinity="a")
    await until(lambda: len(rig.driver.processes) == 2)
    rig.driver.processes[1].there.set_result(None)
    await rig.given(1)
    rig.gateway._hear(Frame(CANCEL, {"id": 3}, bytearray()))
    [*_, (_, head, _)] = await rig.sent(3)
    assert (head["code"], rig.driver.processes[1].is_dead) == ("aborted", True)
    assert rig.gateway._kept._processes == []


async def test_idle_processes_are_let_go_when_others_wait() -> None:
    rig = Rig()
    rig.call(1, affinity="a")
    await until(lambda: rig.driver.processes)
    rig.driver.processes[0].there.set_result(None)
    [(_, future)] = await rig.given(1)
    answer(future, 1)
    await rig.sent(1)
    seen = rig.driver.seen._replace(room=2, free=1)
    rig.gateway._saw(seen)
    assert len(rig.gateway._kept._processes) == 1
    # One plain call may be on its way to a process, two are not with one processor.
    for number in (2, 3):
        rig.call(number)
        await rig.given(number)
        rig.gateway._saw(seen._replace(free=0))
        assert len(rig.gateway._kept._processes) == (number == 2)


async def test_the_app_is_told_of_the_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "LONG", 0.05)
    monkeypatch.setattr(module, "TURN", 0.01)
    rig = Rig()
    rig.driver.seen = FULL
    work = asyncio.create_task(rig.gateway.take())
    for number in (1, 2):
        rig.call(number)
    [(head, _), _] = await rig.given(2)

    def told() -> dict[str, Any]:
        return next((it for kind, it, _ in rig.link.sent[::-1] if kind == CLUSTER), {})

    await until(lambda: told().get("waits_for"))
    about = {"nodes": 2, "object_store": 1 << 20, "waits_for": "1 CPU (0 free)"}
    assert told() == {**about, "running": 0, "waiting": 2}
    begun = {"pid": 7, "node": "10.0.0.2", "node_id": "abc"}
    rig.gateway._pass_on(head["key"], [(module.BEGUN, begun, b"")])
    await until(lambda: told() == {**about, "running": 1, "waiting": 1})
    work.cancel()
    await until(lambda: told()["nodes"] == 0)


async def test_a_cluster_that_is_away_is_told_at_once() -> None:
    rig = Rig()
    rig.gateway.away = "the cluster at far:1 cannot be used"
    rig.call(1)
    [(kind, head, _)] = await rig.sent(1)
    assert (kind, head["code"]) == (ERROR, "unavailable")
    assert head["message"] == "`draw` did not run: the cluster at far:1 cannot be used"
    assert rig.gateway.asked.is_set()
    assert rig.driver.given == []


async def test_an_idempotent_call_that_was_lost_runs_again_once() -> None:
    rig = Rig(idempotent=["draw"])
    rig.call(1)
    [(first, future)] = await rig.given(1)
    future.set_exception(WorkerCrashedError())
    (second, future) = (await rig.given(2))[1]
    # What the first attempt has sent comes late.
    rig.gateway._pass_on(first["key"], [(JSON_ITEM, {"id": 1}, b"0")])
    assert second["key"] != first["key"]
    future.set_exception(WorkerCrashedError())
    [(_, head, _)] = await rig.sent(1)
    assert head["code"] == "worker-lost"


async def test_a_stream_of_which_items_were_sent_does_not_run_again() -> None:
    rig = Rig(idempotent=["draw"])
    rig.call(1, stream={"items": 4})
    [(head, future)] = await rig.given(1)
    about = {"pid": 7, "node": "10.0.0.2", "node_id": "abc"}
    rig.gateway._pass_on(head["key"], [(module.BEGUN, about, b""), (JSON_ITEM, {"id": 1}, b"0")])
    future.set_exception(WorkerCrashedError())
    _, (_, head, _) = await rig.sent(2)
    assert (head["code"], head["details"]["node"]) == ("worker-lost", "name of abc")
    assert len(rig.driver.given) == 1


async def test_calls_that_wait_for_the_cluster_are_logged_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "LONG", 0.05)
    rig = Rig()
    rig.driver.seen = FULL
    for number in (1, 2, 3):
        rig.call(number)
    await rig.given(3)
    with caplog.at_level(logging.WARNING):
        await until(lambda: "wait for" in caplog.text)
        await anyio.sleep(0.2)
    assert caplog.text.count("wait for the cluster") == 1
    assert "`draw` and 2 other calls" in caplog.text
    # The node that had it goes, and nobody waits for ever.
    rig.driver.nobody_has = "each call asks for 1 of `tape`, and no node has more than 0"
    sent = await rig.sent(3)
    assert {head["code"] for _, head, _ in sent} == {"unavailable"}
    assert "1 of `tape`" in sent[0][1]["message"]


async def test_calls_whose_process_starts_are_no_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "LONG", 0.05)
    rig = Rig()
    # Ray takes the processors of a call when it begins to start the call's process.
    rig.driver.seen = SeenCluster(nodes=1, room=2, free=0, wanted="1 CPU (0 free)")
    for number in (1, 2, 3):
        rig.call(number)
    given = await rig.given(3)
    with caplog.at_level(logging.INFO):
        await until(lambda: "wait for" in caplog.text)
        text = "`draw` and 2 other calls wait for the cluster since 0 s: each for a process of Ray"
        assert text in caplog.text
        assert "WARNING" not in caplog.text
        for head, _ in given[:2]:
            rig.gateway._pass_on(head["key"], [(module.BEGUN, {"pid": 7, "node_id": "abc"}, b"")])
        await until(lambda: "WARNING" in caplog.text)
    assert "`draw` and 0 other calls wait for the cluster since 0 s: each for 1 C" in caplog.text


async def test_a_call_waits_no_longer_than_it_may() -> None:
    rig = Rig(max_wait=0.05)
    rig.driver.seen = FULL
    rig.call(1)
    [(_, head, _)] = await rig.sent(1)
    assert (head["code"], head["details"]) == ("unavailable", {"started": False})
    assert "it has waited for 0.05 s for 1 CPU (0 free)" in head["message"]


async def test_all_calls_end_when_the_cluster_is_lost() -> None:
    rig = Rig()
    for number in (1, 2):
        rig.call(number)
    await rig.given(2)
    rig.gateway.lose("it is gone")
    sent = await rig.sent(2)
    assert [head["code"] for _, head, _ in sent] == ["worker-lost"] * 2
    assert "the connection is lost: it is gone" in sent[0][1]["message"]
