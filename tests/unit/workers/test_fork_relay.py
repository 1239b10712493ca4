"""Tests the process that forks another zygote when `transom dev` has replaced code."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from transom._executors.process import BOOT, MARK
from transom._executors.surroundings import position
from transom._swapping import PLACE, SLOW, Swaps

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there are no zygotes")
MODULE = "import sys\nprint('loaded {}', file=sys.stderr, flush=True)\n"


class Relayed:
    """A relay, as the host of its pool sees it."""

    def __init__(self, folder: Path) -> None:
        self.swaps = Swaps()
        self._module = folder / "kernel_of_test.py"
        self.write("one")
        env = {**os.environ, MARK: "1", PLACE: self.swaps.place(), "PYTHONPATH": str(folder)}
        self._environment = [[name, value] for name, value in env.items()]
        ours, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        ours.settimeout(120)
        self._link = ours
        self._log = folder / "output"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, BOOT, "zygote"], stdin=theirs.fileno(), stderr=log, env=env
            )
        theirs.close()
        self.pid = self._process.pid
        self.links: list[socket.socket] = []
        place = position()
        place["sys_path"] = [str(folder), *place["sys_path"]]
        assert self.ask({"prepare": {**place, "preload": ["kernel_of_test"]}}) == "ready"

    def write(self, text: str, more: str = "") -> None:
        self._module.write_text(MODULE.format(text) + more)

    def loaded(self) -> list[str]:
        """What was imported, in order."""
        lines = self._log.read_text().splitlines()
        return [it.removeprefix("loaded ") for it in lines if it.startswith("loaded ")]

    def ask(self, question: dict[str, Any]) -> Any:
        self._link.send(json.dumps(question).encode())
        return json.loads(self._link.recv(1 << 16))

    def fork(self) -> Any:
        """The answer to the question for a worker, whose link stays open."""
        ours, theirs = socket.socketpair()
        with theirs:
            question = json.dumps({"fork": self._environment}).encode()
            socket.send_fds(self._link, [question], [theirs.fileno(), 1, 2])
        self.links.append(ours)
        return json.loads(self._link.recv(1 << 16))

    def children(self) -> set[int]:
        text = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return {int(it) for it in text.split()}

    def end(self) -> None:
        self._link.close()
        assert self._process.wait(120) == 0

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for it in (*self.links, self._link):
            it.close()


@pytest.fixture
def relayed(tmp_path: Path) -> Iterator[Relayed]:
    relayed = Relayed(tmp_path)
    yield relayed
    relayed.close()


def wait_for(what: Callable[[], Any]) -> Any:
    end = time.monotonic() + 120
    while not (found := what()):
        assert time.monotonic() < end
        time.sleep(0.01)
    return found


def is_alive(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def test_workers_after_a_swap_have_the_new_code_and_others_live_on(relayed: Relayed) -> None:
    (zygote,) = relayed.children()
    first, second = relayed.fork()["pid"], relayed.fork()["pid"]
    # The host asks the relay how they have ended, so they are its children.
    assert relayed.children() == {zygote, first, second}
    assert relayed.loaded() == ["one"]
    relayed.write("two")
    assert relayed.swaps.note()
    third = relayed.fork()["pid"]
    assert relayed.loaded() == ["one", "two"]
    (new,) = relayed.children() - {first, second, third}
    assert new != zygote
    assert not is_alive(zygote)
    assert all(map(is_alive, (first, second, third)))
    # The end of its link ends a worker: nobody else has kept the other end.
    relayed.links[2].close()
    ended = wait_for(lambda: not is_alive(third) and relayed.ask({"reap": third}))
    assert ended == {"ended": {"code": 0, "signal": None}}
    os.kill(first, signal.SIGKILL)
    ended = wait_for(lambda: not is_alive(first) and relayed.ask({"reap": first}))
    assert ended == {"ended": {"code": None, "signal": 9}}
    assert "failed" in relayed.ask({"reap": second})
    relayed.end()
    wait_for(lambda: not any(map(is_alive, (second, new))))


def test_new_code_with_an_error_is_tried_again_for_each_worker(relayed: Relayed) -> None:
    relayed.write("two", "import nothing_such\n")
    relayed.swaps.note()
    for _ in range(2):
        assert "No module named 'nothing_such'" in relayed.fork()["failed"]
    assert relayed.children() == set()
    relayed.write("three")
    assert "pid" in relayed.fork()
    assert relayed.loaded() == ["one", "two", "two", "three"]


def test_a_zygote_that_dies_is_replaced(relayed: Relayed) -> None:
    (zygote,) = relayed.children()
    os.kill(zygote, signal.SIGKILL)
    assert "failed" in relayed.fork()
    assert "pid" in relayed.fork()


def test_imports_that_take_long_are_for_another_process(relayed: Relayed) -> None:
    relayed.write("two", "import time\ntime.sleep(2.1)\n")
    assert relayed.swaps.note()
    assert "pid" in relayed.fork()
    assert not relayed.swaps.note()
    assert Path(relayed.swaps.place()).read_bytes().endswith(SLOW)
    relayed.write("three")
    assert "pid" in relayed.fork()
    assert relayed.swaps.note()
